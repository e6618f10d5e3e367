// Command client is Go Pitaya's own client: commands in, answers and pushes out, each a line of JSON.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/topfreegames/pitaya/v3/pkg/client"
)

// closePoll is how often the client is asked whether its connection has ended: it has no event for that.
const closePoll = 20 * time.Millisecond

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: client HOST:PORT")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run ends when standard input or the connection does.
func run(address string) error {
	pitaya := client.New(logrus.WarnLevel)
	if err := pitaya.ConnectTo(address); err != nil {
		return err
	}
	screen := newScreen(os.Stdout)
	screen.write(event{Connected: true})

	commands := make(chan error, 1)
	go func() { commands <- obey(pitaya, os.Stdin, screen) }()
	ticks := time.NewTicker(closePoll)
	defer ticks.Stop()
	for {
		select {
		case message := <-pitaya.MsgChannel():
			screen.show(message)
		case err := <-commands:
			pitaya.Disconnect()
			return err
		case <-ticks.C:
			if !pitaya.ConnectedStatus() {
				screen.drain(pitaya.MsgChannel())
				screen.write(event{Closed: true})
				return nil
			}
		}
	}
}
