// Package message has what the peers' handlers and remotes take and answer.
//
// The types are written by hand and carry the tags of both serializers, so that one handler serves either. The protobuf fields are
// listed in game.proto, for peers in other languages.
package message

import (
	"encoding/json"
	"fmt"
)

// Text is a piece of text.
type Text struct {
	Text string `json:"text" protobuf:"bytes,1,opt,name=text,proto3"`
}

// Identity tells which server answered, and what it knows of the session.
type Identity struct {
	ID   string          `json:"id" protobuf:"bytes,1,opt,name=id,proto3"`
	Type string          `json:"type" protobuf:"bytes,2,opt,name=type,proto3"`
	UID  string          `json:"uid" protobuf:"bytes,3,opt,name=uid,proto3"`
	Data json.RawMessage `json:"data" protobuf:"bytes,4,opt,name=data,proto3"`
}

// Binding names the user that a session is bound to.
type Binding struct {
	UID string `json:"uid" protobuf:"bytes,1,opt,name=uid,proto3"`
}

// Entry is one entry of the session data. The value is JSON in either serializer.
type Entry struct {
	Key   string          `json:"key" protobuf:"bytes,1,opt,name=key,proto3"`
	Value json.RawMessage `json:"value" protobuf:"bytes,2,opt,name=value,proto3"`
}

// Count says how many.
type Count struct {
	Count int32 `json:"count" protobuf:"varint,1,opt,name=count,proto3"`
}

// Delay is a time in milliseconds.
type Delay struct {
	Ms int32 `json:"ms" protobuf:"varint,1,opt,name=ms,proto3"`
}

// Users are users on frontends of one type; the text is for those who are to get one.
type Users struct {
	UIDs     []string `json:"uids" protobuf:"bytes,1,rep,name=uids,proto3"`
	Frontend string   `json:"frontend,omitempty" protobuf:"bytes,2,opt,name=frontend,proto3"`
	Text     string   `json:"text,omitempty" protobuf:"bytes,3,opt,name=text,proto3"`
}

// Saying is a text for a group whose members are on frontends of one type.
type Saying struct {
	Group    string `json:"group" protobuf:"bytes,1,opt,name=group,proto3"`
	Frontend string `json:"frontend,omitempty" protobuf:"bytes,2,opt,name=frontend,proto3"`
	Text     string `json:"text,omitempty" protobuf:"bytes,3,opt,name=text,proto3"`
}

// Call is a remote procedure call that a handler makes with a Text.
type Call struct {
	Route string `json:"route" protobuf:"bytes,1,opt,name=route,proto3"`
	Text  string `json:"text,omitempty" protobuf:"bytes,2,opt,name=text,proto3"`
	// Server is the id of the server to call; the caller's discovery chooses one where it is empty.
	Server string `json:"server,omitempty" protobuf:"bytes,3,opt,name=server,proto3"`
	// Season travels with the call as a context value of that name, where it is not empty.
	Season string `json:"season,omitempty" protobuf:"bytes,4,opt,name=season,proto3"`
}

// ServerType names a type of server.
type ServerType struct {
	Type string `json:"type" protobuf:"bytes,1,opt,name=type,proto3"`
}

// Server is a server as discovery shows it.
type Server struct {
	ID       string            `json:"id" protobuf:"bytes,1,opt,name=id,proto3"`
	Type     string            `json:"type" protobuf:"bytes,2,opt,name=type,proto3"`
	Frontend bool              `json:"frontend" protobuf:"varint,3,opt,name=frontend,proto3"`
	Hostname string            `json:"hostname" protobuf:"bytes,4,opt,name=hostname,proto3"`
	Metadata map[string]string `json:"metadata" protobuf:"bytes,5,rep,name=metadata,proto3" protobuf_key:"bytes,1,opt,name=key,proto3" protobuf_val:"bytes,2,opt,name=value,proto3"`
}

// Servers are the servers of one type.
type Servers struct {
	Servers []*Server `json:"servers" protobuf:"bytes,1,rep,name=servers,proto3"`
}

// What makes a Go type a protobuf message.

func (m *Text) Reset()         { *m = Text{} }
func (m *Text) String() string { return fmt.Sprintf("%+v", *m) }
func (*Text) ProtoMessage()    {}

func (m *Identity) Reset()         { *m = Identity{} }
func (m *Identity) String() string { return fmt.Sprintf("%+v", *m) }
func (*Identity) ProtoMessage()    {}

func (m *Binding) Reset()         { *m = Binding{} }
func (m *Binding) String() string { return fmt.Sprintf("%+v", *m) }
func (*Binding) ProtoMessage()    {}

func (m *Entry) Reset()         { *m = Entry{} }
func (m *Entry) String() string { return fmt.Sprintf("%+v", *m) }
func (*Entry) ProtoMessage()    {}

func (m *Count) Reset()         { *m = Count{} }
func (m *Count) String() string { return fmt.Sprintf("%+v", *m) }
func (*Count) ProtoMessage()    {}

func (m *Delay) Reset()         { *m = Delay{} }
func (m *Delay) String() string { return fmt.Sprintf("%+v", *m) }
func (*Delay) ProtoMessage()    {}

func (m *Users) Reset()         { *m = Users{} }
func (m *Users) String() string { return fmt.Sprintf("%+v", *m) }
func (*Users) ProtoMessage()    {}

func (m *Saying) Reset()         { *m = Saying{} }
func (m *Saying) String() string { return fmt.Sprintf("%+v", *m) }
func (*Saying) ProtoMessage()    {}

func (m *Call) Reset()         { *m = Call{} }
func (m *Call) String() string { return fmt.Sprintf("%+v", *m) }
func (*Call) ProtoMessage()    {}

func (m *ServerType) Reset()         { *m = ServerType{} }
func (m *ServerType) String() string { return fmt.Sprintf("%+v", *m) }
func (*ServerType) ProtoMessage()    {}

func (m *Server) Reset()         { *m = Server{} }
func (m *Server) String() string { return fmt.Sprintf("%+v", *m) }
func (*Server) ProtoMessage()    {}

func (m *Servers) Reset()         { *m = Servers{} }
func (m *Servers) String() string { return fmt.Sprintf("%+v", *m) }
func (*Servers) ProtoMessage()    {}
