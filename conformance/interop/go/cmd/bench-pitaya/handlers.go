package main

import (
	"context"
	"time"

	pitaya "github.com/topfreegames/pitaya/v3/pkg"
	"github.com/topfreegames/pitaya/v3/pkg/component"

	"pitaya-interop/internal/bench"
)

// Bench has handlers that do nothing but answer, written as a game's are.
type Bench struct {
	component.Base
	app pitaya.Pitaya
}

// Echo returns the body.
func (h *Bench) Echo(_ context.Context, body []byte) ([]byte, error) {
	return body, nil
}

// Json reads and writes a struct.
func (h *Bench) Json(_ context.Context, body *bench.Move) (*bench.Move, error) {
	return body, nil
}

// Note takes a body that nobody hears of again.
func (h *Bench) Note(_ context.Context, _ []byte) {}

// Wait returns the body after a while.
func (h *Bench) Wait(_ context.Context, body []byte) ([]byte, error) {
	time.Sleep(bench.Wait)
	return body, nil
}

// Bind binds the session to the user in the body.
func (h *Bench) Bind(ctx context.Context, uid []byte) ([]byte, error) {
	return uid, h.app.GetSessionFromCtx(ctx).Bind(ctx, string(uid))
}

// Join adds the session's user to the group.
func (h *Bench) Join(ctx context.Context, body []byte) ([]byte, error) {
	return body, h.app.GroupAddMember(ctx, bench.Group, h.app.GetSessionFromCtx(ctx).UID())
}

// Push sends the body to the session some times.
func (h *Bench) Push(ctx context.Context, body []byte) ([]byte, error) {
	session := h.app.GetSessionFromCtx(ctx)
	for range bench.Pushes {
		if err := session.Push(bench.PushRoute, body); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// Tell sends the body to the group.
func (h *Bench) Tell(ctx context.Context, body []byte) ([]byte, error) {
	return body, h.app.GroupBroadcast(ctx, serverType, bench.Group, bench.PushRoute, body)
}

// Tick sends the body to the group as often as a tick of a game's world has something to say.
func (h *Bench) Tick(ctx context.Context, body []byte) ([]byte, error) {
	for range bench.Pushes {
		if err := h.app.GroupBroadcast(ctx, serverType, bench.Group, bench.PushRoute, body); err != nil {
			return nil, err
		}
	}
	return body, nil
}
