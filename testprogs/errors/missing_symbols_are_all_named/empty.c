int other = 1;
