// A c-shared library: goroutines, a recovered panic.
package main

import "C"
import "fmt"

var calls int

//export run
func run() {
	calls++
	caught := make(chan any)
	go func() {
		defer func() { caught <- recover() }()
		panic(7)
	}()
	fmt.Printf("%d of process, caught %v\n", calls, <-caught)
}

func main() {}
