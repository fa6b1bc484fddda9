// Goroutines on several threads, a map, formatting and a panic recovered: Go sets up its thread pointers by itself.
package main

import (
	"fmt"
	"os"
	"sort"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	sums := map[int]int{}
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func(n int) {
			defer wg.Done()
			sum := 0
			for j := 0; j < 100000; j++ {
				sum += n
			}
			mu.Lock()
			sums[n] = sum
			mu.Unlock()
		}(i)
	}
	wg.Wait()
	keys := []int{}
	for k := range sums {
		keys = append(keys, k)
	}
	sort.Ints(keys)
	for _, k := range keys {
		fmt.Println(k, sums[k])
	}
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		var none *int
		fmt.Println(*none)
	}()
	fmt.Println(os.Args[1:])
	os.Exit(4)
}
