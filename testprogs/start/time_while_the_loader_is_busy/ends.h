// Ends of two pipes, by number: a resolver can reach no variable of another object yet.
enum { GO = 60, GO_IN, DONE, DONE_IN };
