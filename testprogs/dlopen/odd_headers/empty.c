static int nothing __attribute__((used));
