// Command bench-pitaya is a server of Go Pitaya v3 that is measured: its default configuration, standalone, and with -tuned without compression.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/sirupsen/logrus"
	pitaya "github.com/topfreegames/pitaya/v3/pkg"
	"github.com/topfreegames/pitaya/v3/pkg/acceptor"
	"github.com/topfreegames/pitaya/v3/pkg/component"
	"github.com/topfreegames/pitaya/v3/pkg/config"
	logruswrapper "github.com/topfreegames/pitaya/v3/pkg/logger/logrus"
	"github.com/topfreegames/pitaya/v3/pkg/serialize"

	"pitaya-interop/internal/bench"
)

const serverType = "connector"

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
	address, err := bench.FreeAddress()
	if err != nil {
		return err
	}
	// What is logged of messages and of connections that end is no part of the figure.
	log := logrus.New()
	log.SetLevel(logrus.FatalLevel)
	pitaya.SetLogger(logruswrapper.NewWithFieldLogger(log))

	settings := config.NewDefaultPitayaConfig()
	settings.SerializerType = uint16(serialize.JSON)
	if options.Tuned {
		settings.Handler.Messages.Compression = false
	}
	builder := pitaya.NewDefaultBuilder(true, serverType, pitaya.Standalone, map[string]string{}, *settings)
	builder.AddAcceptor(listener(options, address))
	app := builder.Build()
	if err := app.GroupCreate(context.Background(), bench.Group); err != nil {
		return err
	}
	app.Register(&Bench{app: app}, component.WithName("bench"), component.WithNameFunc(strings.ToLower))
	go bench.Tell(address)
	app.Start()
	return nil
}

func listener(options bench.Options, address string) acceptor.Acceptor {
	var certificates []string
	if options.Certificate != "" {
		certificates = []string{options.Certificate, options.Key}
	}
	if options.WebSocket() {
		return acceptor.NewWSAcceptor(address, certificates...)
	}
	return acceptor.NewTCPAcceptor(address, certificates...)
}
