package game

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"pitaya-interop/internal/message"
)

// contextKeys are the context values that Context answers with.
var contextKeys = []string{"peer.id", "peer.service", "reqTimeout", seasonKey}

// Remote is the service `gameremote`, for other servers.
type Remote struct {
	component
	app App
}

// NewRemote makes the service.
func NewRemote(app App) *Remote {
	return &Remote{app: app}
}

// Echo gives the text back.
func (r *Remote) Echo(_ context.Context, text *message.Text) (*message.Text, error) {
	return text, nil
}

// Fail answers with an error that has a code and metadata.
func (r *Remote) Fail(_ context.Context, _ *message.Text) (*message.Text, error) {
	return nil, failure(r.app)
}

// Slow gives the text back after as many milliseconds as it says.
func (r *Remote) Slow(ctx context.Context, text *message.Text) (*message.Text, error) {
	ms, err := strconv.Atoi(text.Text)
	if err != nil {
		return nil, fmt.Errorf("not a number of milliseconds: %q", text.Text)
	}
	if err := wait(ctx, time.Duration(ms)*time.Millisecond); err != nil {
		return nil, err
	}
	return text, nil
}

// Context answers with the context values that came, as JSON; null for those that did not.
func (r *Remote) Context(ctx context.Context, _ *message.Text) (*message.Text, error) {
	values := make(map[string]any, len(contextKeys))
	for _, key := range contextKeys {
		values[key] = r.app.Propagated(ctx, key)
	}
	text, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return &message.Text{Text: string(text)}, nil
}
