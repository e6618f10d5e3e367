// Command bench-nano is a server of nano that is measured, as its defaults are.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/lonng/nano"
	"github.com/lonng/nano/component"
	"github.com/lonng/nano/serialize/json"

	"pitaya-interop/internal/bench"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	options, err := bench.Parse()
	if err != nil {
		return err
	}
	if options.Transport == "tls" {
		return errors.New("nano has no listener for TLS without WebSocket")
	}
	address, err := bench.FreeAddress()
	if err != nil {
		return err
	}
	components := &component.Components{}
	components.Register(
		&Bench{group: nano.NewGroup(bench.Group)},
		component.WithName("bench"),
		component.WithNameFunc(strings.ToLower),
	)
	settings := []nano.Option{
		nano.WithComponents(components),
		nano.WithSerializer(json.NewSerializer()),
		nano.WithIsWebsocket(options.WebSocket()),
		// What is logged of every connection is no part of the figure.
		nano.WithLogger(log.New(io.Discard, "", 0)),
	}
	if options.Certificate != "" {
		settings = append(settings, nano.WithTSLConfig(options.Certificate, options.Key))
	}
	go bench.Tell(address)
	nano.Listen(address, settings...)
	return nil
}
