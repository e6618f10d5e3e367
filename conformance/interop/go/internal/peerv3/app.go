package peerv3

import (
	"context"
	"sort"

	"github.com/golang/protobuf/proto"
	pitaya "github.com/topfreegames/pitaya/v3/pkg"

	"pitaya-interop/internal/game"
	"pitaya-interop/internal/message"
)

// app is a Pitaya application as the handlers see it.
type app struct {
	pitaya pitaya.Pitaya
}

var _ game.App = app{}

func (a app) ID() string   { return a.pitaya.GetServerID() }
func (a app) Type() string { return a.pitaya.GetServer().Type }

func (a app) Session(ctx context.Context) game.Session {
	return a.pitaya.GetSessionFromCtx(ctx)
}

func (a app) RPC(ctx context.Context, route string, reply, argument proto.Message) error {
	return a.pitaya.RPC(ctx, route, reply, argument)
}

func (a app) RPCTo(ctx context.Context, server, route string, reply, argument proto.Message) error {
	return a.pitaya.RPCTo(ctx, server, route, reply, argument)
}

func (a app) SendPushToUsers(route string, body any, uids []string, frontendType string) ([]string, error) {
	return a.pitaya.SendPushToUsers(route, body, uids, frontendType)
}

func (a app) SendKickToUsers(uids []string, frontendType string) ([]string, error) {
	return a.pitaya.SendKickToUsers(uids, frontendType)
}

func (a app) GroupCreate(ctx context.Context, group string) error {
	return a.pitaya.GroupCreate(ctx, group)
}

func (a app) GroupAddMember(ctx context.Context, group, uid string) error {
	return a.pitaya.GroupAddMember(ctx, group, uid)
}

func (a app) GroupBroadcast(ctx context.Context, frontendType, group, route string, body any) error {
	return a.pitaya.GroupBroadcast(ctx, frontendType, group, route, body)
}

func (a app) Servers(serverType string) ([]*message.Server, error) {
	known, err := a.pitaya.GetServersByType(serverType)
	if err != nil {
		return nil, err
	}
	servers := make([]*message.Server, 0, len(known))
	for _, server := range known {
		servers = append(servers, &message.Server{
			ID:       server.ID,
			Type:     server.Type,
			Frontend: server.Frontend,
			Hostname: server.Hostname,
			Metadata: server.Metadata,
		})
	}
	sort.Slice(servers, func(i, j int) bool { return servers[i].ID < servers[j].ID })
	return servers, nil
}

func (a app) Error(err error, code string, metadata map[string]string) error {
	return pitaya.Error(err, code, metadata)
}

func (a app) Propagate(ctx context.Context, key string, value any) context.Context {
	return pitaya.AddToPropagateCtx(ctx, key, value)
}

func (a app) Propagated(ctx context.Context, key string) any {
	return pitaya.GetFromPropagateCtx(ctx, key)
}
