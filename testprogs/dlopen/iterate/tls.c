__thread long variable = 5;
