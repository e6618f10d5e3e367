// Command peer-v3 is a server of Go Pitaya v3 for tests of a mixed cluster.
package main

import (
	"fmt"
	"os"

	"pitaya-interop/internal/options"
	"pitaya-interop/internal/peerv3"
)

func main() {
	options, err := options.Parse(os.Args[0], os.Args[1:])
	if err == nil {
		err = peerv3.Run(options)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
