package game

import (
	"context"
	"errors"
	"time"

	"pitaya-interop/internal/message"
)

// Echo gives the body back as it came.
func (g *Game) Echo(_ context.Context, body []byte) ([]byte, error) {
	return body, nil
}

// Fail answers with an error that has a code and metadata.
func (g *Game) Fail(_ context.Context) (*message.Text, error) {
	return nil, failure(g.app)
}

// Failplain answers with an error of Go's own kind.
func (g *Game) Failplain(_ context.Context) (*message.Text, error) {
	return nil, errors.New("a plain error")
}

// Slow answers after a while.
func (g *Game) Slow(ctx context.Context, delay *message.Delay) (*message.Delay, error) {
	if err := wait(ctx, time.Duration(delay.Ms)*time.Millisecond); err != nil {
		return nil, err
	}
	return delay, nil
}

func failure(app App) error {
	return app.Error(errors.New("the season is over"), "GAME-7", map[string]string{"season": "winter"})
}

func wait(ctx context.Context, delay time.Duration) error {
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
