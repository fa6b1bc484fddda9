// A type with a key function nowhere: each object has its own type_info, equal by name.
struct Kind {
    int number;
    int unwound;
};
