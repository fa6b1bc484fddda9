int datum = 2;
int function(void) { return 2; }
int sees_datum(void) { return datum; }
int sees_function(void) { return function(); }
