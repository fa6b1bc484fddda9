// -DWHO=x makes x_counter() and x_blank(): the address of a variable as that source sees it.
#define PASTE(who, what) who##what
#define NAME(who, what) PASTE(who, what)

#ifndef VISIBLE
#define VISIBLE
#endif
