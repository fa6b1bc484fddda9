long shared = 77, copied = 88;
