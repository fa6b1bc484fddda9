// Go and C in one process: C code with thread-local data called from many goroutines.
package main

/*
#include <stdlib.h>
static __thread int calls;
static int count(int n) { calls += n; return calls >= n; }
*/
import "C"

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	results := make([]C.int, 8)
	for i := range results {
		wg.Add(1)
		go func(n int) {
			defer wg.Done()
			results[n] = C.count(C.int(n))
		}(i)
	}
	wg.Wait()
	fmt.Println(results, C.abs(-5))
}
