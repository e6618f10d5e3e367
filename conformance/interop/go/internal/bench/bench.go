// Package bench is what servers that are measured have in common: their command line, their first line and their bodies.
package bench

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"pitaya-interop/internal/process"
)

const (
	// Group has all sessions that joined.
	Group = "all"
	// PushRoute is the route of every push.
	PushRoute = "onBench"
	// Pushes is how many pushes answer a request for them, and how many a tick has.
	Pushes = 8
	// Wait is how long a handler that waits does so.
	Wait = 50 * time.Millisecond
)

// startLimit is how long a server may take until it listens.
const startLimit = 10 * time.Second

// Move is the body of a typed request.
type Move struct {
	Name string `json:"name"`
	X    int32  `json:"x"`
	Y    int32  `json:"y"`
	Tick uint32 `json:"tick"`
	Act  string `json:"act"`
}

// Options say how a server is reached.
type Options struct {
	// Transport is tcp, tls, ws or wss.
	Transport string
	// Certificate and Key are PEM files, both empty without encryption.
	Certificate, Key string
	// Tuned servers do not compress.
	Tuned bool
}

// WebSocket tells whether packets come in WebSocket messages.
func (o Options) WebSocket() bool {
	return o.Transport == "ws" || o.Transport == "wss"
}

// Parse reads the command line.
func Parse() (Options, error) {
	var options Options
	flag.StringVar(&options.Transport, "transport", "tcp", "tcp, tls, ws or wss")
	flag.StringVar(&options.Certificate, "certificate", "", "certificate file (PEM) for tls and wss")
	flag.StringVar(&options.Key, "key", "", "private key file (PEM) for tls and wss")
	flag.BoolVar(&options.Tuned, "tuned", false, "no compression")
	flag.Parse()
	switch options.Transport {
	case "tcp", "ws":
		options.Certificate, options.Key = "", ""
	case "tls", "wss":
		if options.Certificate == "" || options.Key == "" {
			return Options{}, errors.New("tls and wss need -certificate and -key")
		}
	default:
		return Options{}, fmt.Errorf("-transport: %q is none of tcp, tls, ws, wss", options.Transport)
	}
	return options, nil
}

// FreeAddress is an address on which nobody listens: these servers take an address and do not tell which port they got.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// Tell writes the one line that says where the server listens, once it does, and ends the process when nobody needs it any more.
func Tell(address string) {
	if err := listening(address); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("listening on " + address)
	process.ParentGone()
	os.Exit(0)
}

// listening returns when the address accepts a connection.
func listening(address string) error {
	deadline := time.Now().Add(startLimit)
	for {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			return connection.Close()
		}
		if time.Now().After(deadline) {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}
