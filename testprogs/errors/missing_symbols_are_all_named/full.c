int datum = 1, second = 2;
