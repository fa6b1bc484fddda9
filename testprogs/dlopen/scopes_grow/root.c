int ROOT;
