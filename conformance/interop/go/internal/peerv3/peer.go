// Package peerv3 is a server of Go Pitaya v3 that serves the game.
package peerv3

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	pitaya "github.com/topfreegames/pitaya/v3/pkg"
	"github.com/topfreegames/pitaya/v3/pkg/component"
	logruswrapper "github.com/topfreegames/pitaya/v3/pkg/logger/logrus"

	"pitaya-interop/internal/game"
	"pitaya-interop/internal/options"
	"pitaya-interop/internal/process"
)

// stopLimit is how long an orderly stop may take once the parent is gone.
const stopLimit = 5 * time.Second

// Run serves until a signal comes or the parent is gone.
func Run(options options.Options) error {
	log := logrus.New()
	log.SetLevel(logrus.WarnLevel)
	if options.Debug {
		log.SetLevel(logrus.DebugLevel)
	}
	pitaya.SetLogger(logruswrapper.NewWithFieldLogger(log))

	parts, err := assemble(options)
	if err != nil {
		return err
	}
	server := parts.builder.Build()
	if err := server.SetDictionary(options.Dictionary); err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	if parts.bindings != nil {
		if err := server.RegisterModule(parts.bindings, "bindingsStorage"); err != nil {
			return err
		}
	}
	if err := server.RegisterModule(&announcement{server: server, parts: parts}, "announcement"); err != nil {
		return err
	}
	handlers := app{pitaya: server}
	server.Register(game.New(handlers), component.WithName("game"), component.WithNameFunc(strings.ToLower))
	server.RegisterRemote(game.NewRemote(handlers), component.WithName("gameremote"), component.WithNameFunc(strings.ToLower))

	go stopWithParent(server)
	server.Start()
	return nil
}

// stopWithParent stops the server when the parent is gone, at once where that takes long.
func stopWithParent(server pitaya.Pitaya) {
	process.ParentGone()
	server.Shutdown()
	time.Sleep(stopLimit)
	os.Exit(1)
}
