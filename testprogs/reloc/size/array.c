char array[1000];
