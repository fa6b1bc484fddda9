int datum = 1;
