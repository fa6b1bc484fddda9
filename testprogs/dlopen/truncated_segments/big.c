int initialised[5000] = {1, 2, 3};
