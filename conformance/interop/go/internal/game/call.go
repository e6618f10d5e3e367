package game

import (
	"context"

	"pitaya-interop/internal/message"
)

// seasonKey is the name of the context value that travels with calls.
const seasonKey = "season"

// Rpc calls a remote of any server of the route's type.
func (g *Game) Rpc(ctx context.Context, call *message.Call) (*message.Text, error) {
	reply := &message.Text{}
	if err := g.app.RPC(g.propagate(ctx, call), call.Route, reply, &message.Text{Text: call.Text}); err != nil {
		return nil, err
	}
	return reply, nil
}

// Rpcto calls a remote of one server.
func (g *Game) Rpcto(ctx context.Context, call *message.Call) (*message.Text, error) {
	reply := &message.Text{}
	if err := g.app.RPCTo(g.propagate(ctx, call), call.Server, call.Route, reply, &message.Text{Text: call.Text}); err != nil {
		return nil, err
	}
	return reply, nil
}

// Servers tells what discovery knows of a server type.
func (g *Game) Servers(_ context.Context, of *message.ServerType) (*message.Servers, error) {
	servers, err := g.app.Servers(of.Type)
	if err != nil {
		return nil, err
	}
	return &message.Servers{Servers: servers}, nil
}

func (g *Game) propagate(ctx context.Context, call *message.Call) context.Context {
	if call.Season == "" {
		return ctx
	}
	return g.app.Propagate(ctx, seasonKey, call.Season)
}
