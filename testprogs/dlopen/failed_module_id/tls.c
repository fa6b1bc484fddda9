__thread int NAME = 9;
