// Package game has the handlers and remotes that every peer serves, whatever its version of Pitaya.
//
// It knows Pitaya only by the interfaces below; the package of a version fills them.
package game

import (
	"context"

	"github.com/golang/protobuf/proto"

	"pitaya-interop/internal/message"
)

// App is what the handlers use of a Pitaya application.
type App interface {
	ID() string
	Type() string
	// Session is the session of the handler that runs in the context.
	Session(ctx context.Context) Session
	RPC(ctx context.Context, route string, reply, argument proto.Message) error
	RPCTo(ctx context.Context, server, route string, reply, argument proto.Message) error
	// SendPushToUsers returns the users that got nothing, as far as the sender can tell.
	SendPushToUsers(route string, body any, uids []string, frontendType string) ([]string, error)
	SendKickToUsers(uids []string, frontendType string) ([]string, error)
	GroupCreate(ctx context.Context, group string) error
	GroupAddMember(ctx context.Context, group, uid string) error
	GroupBroadcast(ctx context.Context, frontendType, group, route string, body any) error
	// Servers are those of a type, as discovery knows them.
	Servers(serverType string) ([]*message.Server, error)
	// Error is an error with a code and metadata, for the client.
	Error(err error, code string, metadata map[string]string) error
	// Propagate adds a value that travels with calls.
	Propagate(ctx context.Context, key string, value any) context.Context
	// Propagated is a value that came with a call, or nil.
	Propagated(ctx context.Context, key string) any
}

// Session is what the handlers use of a session.
type Session interface {
	UID() string
	GetIsFrontend() bool
	GetDataEncoded() []byte
	Get(key string) any
	Set(key string, value any) error
	Bind(ctx context.Context, uid string) error
	PushToFront(ctx context.Context) error
	Push(route string, body any) error
}

// component has the hooks of a Pitaya component, which do nothing here.
type component struct{}

func (component) Init()           {}
func (component) AfterInit()      {}
func (component) BeforeShutdown() {}
func (component) Shutdown()       {}

// Game is the service `game`, for clients.
type Game struct {
	component
	app App
}

// New makes the service.
func New(app App) *Game {
	return &Game{app: app}
}
