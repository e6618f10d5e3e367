// Package process is what ties a peer to the program that started it.
package process

import (
	"encoding/json"
	"io"
	"os"
)

// Readiness is the one line that a peer writes when it serves.
type Readiness struct {
	Ready bool `json:"ready"`
	// Port is the TCP listener's, 0 where there is none, and so are the others.
	Port     int    `json:"port"`
	WSPort   int    `json:"wsPort"`
	GRPCPort int    `json:"grpcPort"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Version  string `json:"version"`
}

// Announce writes the line.
func Announce(readiness Readiness) error {
	readiness.Ready = true
	return json.NewEncoder(os.Stdout).Encode(readiness)
}

// ParentGone returns when standard input ends, as it does when the parent closes it or dies.
func ParentGone() {
	// An unreadable input means the same as its end.
	_, _ = io.Copy(io.Discard, os.Stdin)
}
