__thread long variable = 123;
__thread char big[20000];
