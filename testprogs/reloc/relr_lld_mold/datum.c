int datum = 9;
