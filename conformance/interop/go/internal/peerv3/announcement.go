package peerv3

import (
	"net"
	"strconv"

	pitaya "github.com/topfreegames/pitaya/v3/pkg"
	"github.com/topfreegames/pitaya/v3/pkg/acceptor"
	"github.com/topfreegames/pitaya/v3/pkg/logger"
	"github.com/topfreegames/pitaya/v3/pkg/modules"

	"pitaya-interop/internal/process"
)

// announcement is a module that tells the parent when all modules have started, discovery included.
type announcement struct {
	modules.Base
	server pitaya.Pitaya
	parts  parts
}

// AfterInit runs when Init of every module has returned, and discovery registers the server in its own.
func (a *announcement) AfterInit() {
	err := process.Announce(process.Readiness{
		Port:     portOf(a.parts.tcp),
		WSPort:   portOf(a.parts.ws),
		GRPCPort: a.parts.grpcPort,
		ID:       a.server.GetServerID(),
		Type:     a.server.GetServer().Type,
		Version:  "v3",
	})
	if err != nil {
		logger.Log.Fatalf("nobody hears that this server is ready: %s", err)
	}
}

// portOf is the port of a listener, 0 where there is none.
func portOf(of acceptor.Acceptor) int {
	if of == nil {
		return 0
	}
	_, text, err := net.SplitHostPort(of.GetAddr())
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return port
}
