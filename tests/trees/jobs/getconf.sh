# Cache sizes as sysconf tells them: the C library takes them from its loader.
getconf -a | grep CACHE
