package main

import (
	"fmt"
	"sync/atomic"

	"github.com/sirupsen/logrus"
	"github.com/topfreegames/pitaya/v3/pkg/client"
)

// tally counts what comes back on all connections.
type tally struct {
	answers, errors atomic.Uint64
}

// connect opens a connection that sends a request for each answer, until the program ends.
func (t *tally) connect(address, route string, body []byte) error {
	pitaya := client.New(logrus.ErrorLevel)
	if err := pitaya.ConnectTo(address); err != nil {
		return fmt.Errorf("cannot connect: %w", err)
	}
	go func() {
		for {
			if _, err := pitaya.SendRequest(route, body); err != nil {
				t.errors.Add(1)
				return
			}
			answer := <-pitaya.MsgChannel()
			if answer.Err {
				t.errors.Add(1)
			} else {
				t.answers.Add(1)
			}
		}
	}()
	return nil
}
