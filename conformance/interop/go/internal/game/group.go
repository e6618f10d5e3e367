package game

import (
	"context"

	"pitaya-interop/internal/message"
)

// sayRoute is the route of what is said in a group.
const sayRoute = "onSay"

// Join adds the session's user to a group, which is made where there is none. Groups are this server's own.
func (g *Game) Join(ctx context.Context, saying *message.Saying) (*message.Saying, error) {
	// It may be there already.
	_ = g.app.GroupCreate(ctx, saying.Group)
	if err := g.app.GroupAddMember(ctx, saying.Group, g.app.Session(ctx).UID()); err != nil {
		return nil, err
	}
	return &message.Saying{Group: saying.Group}, nil
}

// Say sends a text to the group's members.
func (g *Game) Say(ctx context.Context, saying *message.Saying) (*message.Saying, error) {
	if err := g.app.GroupBroadcast(ctx, saying.Frontend, saying.Group, sayRoute, &message.Text{Text: saying.Text}); err != nil {
		return nil, err
	}
	return &message.Saying{Group: saying.Group}, nil
}
