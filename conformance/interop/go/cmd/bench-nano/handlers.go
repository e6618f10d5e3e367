package main

import (
	"fmt"
	"time"

	"github.com/lonng/nano"
	"github.com/lonng/nano/component"
	"github.com/lonng/nano/session"

	"pitaya-interop/internal/bench"
)

// Bench has handlers that do nothing but answer, written as a game's are.
type Bench struct {
	component.Base
	group *nano.Group
}

// Echo returns the body.
func (h *Bench) Echo(session *session.Session, body []byte) error {
	return session.Response(body)
}

// Json reads and writes a struct.
func (h *Bench) Json(session *session.Session, body *bench.Move) error {
	return session.Response(body)
}

// Note takes a body that nobody hears of again.
func (h *Bench) Note(_ *session.Session, _ []byte) error {
	return nil
}

// Wait returns the body after a while; all handlers share one goroutine, which must not wait.
func (h *Bench) Wait(session *session.Session, body []byte) error {
	id := session.LastMid()
	time.AfterFunc(bench.Wait, func() {
		// A session that has gone needs no answer.
		_ = session.ResponseMID(id, body)
	})
	return nil
}

// Bind binds the session to the user in the body, whose number is what nano takes.
func (h *Bench) Bind(session *session.Session, uid []byte) error {
	var number int64
	if _, err := fmt.Sscanf(string(uid), "player-%d", &number); err != nil {
		return err
	}
	// Zero is no user to nano.
	if err := session.Bind(number + 1); err != nil {
		return err
	}
	return session.Response(uid)
}

// Join adds the session to the group.
func (h *Bench) Join(session *session.Session, body []byte) error {
	if err := h.group.Add(session); err != nil {
		return err
	}
	return session.Response(body)
}

// Push sends the body to the session some times.
func (h *Bench) Push(session *session.Session, body []byte) error {
	for range bench.Pushes {
		if err := session.Push(bench.PushRoute, body); err != nil {
			return err
		}
	}
	return session.Response(body)
}

// Tell sends the body to the group.
func (h *Bench) Tell(session *session.Session, body []byte) error {
	if err := h.group.Broadcast(bench.PushRoute, body); err != nil {
		return err
	}
	return session.Response(body)
}

// Tick sends the body to the group as often as a tick of a game's world has something to say.
func (h *Bench) Tick(session *session.Session, body []byte) error {
	for range bench.Pushes {
		if err := h.group.Broadcast(bench.PushRoute, body); err != nil {
			return err
		}
	}
	return session.Response(body)
}
