int of_a_library;
