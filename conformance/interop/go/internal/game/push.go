package game

import (
	"context"
	"fmt"

	"pitaya-interop/internal/message"
)

// pushRoute is the route of every push to a session or a user.
const pushRoute = "onPush"

// Pushme pushes so many messages to the session, and answers afterwards.
func (g *Game) Pushme(ctx context.Context, count *message.Count) (*message.Count, error) {
	session := g.app.Session(ctx)
	for i := int32(1); i <= count.Count; i++ {
		if err := session.Push(pushRoute, &message.Text{Text: fmt.Sprintf("push %d", i)}); err != nil {
			return nil, err
		}
	}
	return count, nil
}

// Pushuser pushes a text to users, and answers with those that got nothing.
func (g *Game) Pushuser(_ context.Context, users *message.Users) (*message.Users, error) {
	// The error only says that there are such users.
	missed, _ := g.app.SendPushToUsers(pushRoute, &message.Text{Text: users.Text}, users.UIDs, users.Frontend)
	return &message.Users{UIDs: list(missed)}, nil
}

// Kickuser kicks users, and answers with those that were not kicked.
func (g *Game) Kickuser(_ context.Context, users *message.Users) (*message.Users, error) {
	missed, _ := g.app.SendKickToUsers(users.UIDs, users.Frontend)
	return &message.Users{UIDs: list(missed)}, nil
}

// list is an empty list for JSON where there is none.
func list(uids []string) []string {
	if uids == nil {
		return []string{}
	}
	return uids
}
