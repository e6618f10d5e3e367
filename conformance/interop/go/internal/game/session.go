package game

import (
	"context"
	"encoding/json"

	"pitaya-interop/internal/message"
)

// Whoami tells which server answers and what it knows of the session.
func (g *Game) Whoami(ctx context.Context) (*message.Identity, error) {
	session := g.app.Session(ctx)
	data := session.GetDataEncoded()
	// No data is no JSON.
	if len(data) == 0 {
		data = []byte("{}")
	}
	return &message.Identity{ID: g.app.ID(), Type: g.app.Type(), UID: session.UID(), Data: data}, nil
}

// Bind binds the session to a user.
func (g *Game) Bind(ctx context.Context, binding *message.Binding) (*message.Binding, error) {
	session := g.app.Session(ctx)
	if err := session.Bind(ctx, binding.UID); err != nil {
		return nil, err
	}
	return &message.Binding{UID: session.UID()}, nil
}

// Data sets an entry of the session data; a backend sends all data to the frontend.
func (g *Game) Data(ctx context.Context, entry *message.Entry) (*message.Entry, error) {
	var value any
	if err := json.Unmarshal(entry.Value, &value); err != nil {
		return nil, err
	}
	session := g.app.Session(ctx)
	if err := session.Set(entry.Key, value); err != nil {
		return nil, err
	}
	if !session.GetIsFrontend() {
		if err := session.PushToFront(ctx); err != nil {
			return nil, err
		}
	}
	return entry, nil
}

// Get reads an entry of the session data; null where there is none.
func (g *Game) Get(ctx context.Context, entry *message.Entry) (*message.Entry, error) {
	value, err := json.Marshal(g.app.Session(ctx).Get(entry.Key))
	if err != nil {
		return nil, err
	}
	return &message.Entry{Key: entry.Key, Value: value}, nil
}
