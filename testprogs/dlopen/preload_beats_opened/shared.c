int shared = 5;
