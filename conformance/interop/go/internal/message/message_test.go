package message

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/golang/protobuf/proto"
)

// The bytes follow from the field numbers in game.proto.
var samples = []struct {
	message, empty proto.Message
	wire           string
}{
	{&Text{Text: "a"}, &Text{}, "0a0161"},
	{&Identity{ID: "a", Type: "b", UID: "c", Data: json.RawMessage("{}")}, &Identity{}, "0a01611201621a016322027b7d"},
	{&Binding{UID: "a"}, &Binding{}, "0a0161"},
	{&Entry{Key: "a", Value: json.RawMessage("7")}, &Entry{}, "0a0161120137"},
	{&Count{Count: 2}, &Count{}, "0802"},
	{&Delay{Ms: 300}, &Delay{}, "08ac02"},
	{&Users{UIDs: []string{"a", "b"}, Frontend: "c", Text: "d"}, &Users{}, "0a01610a01621201631a0164"},
	{&Saying{Group: "a", Frontend: "b", Text: "c"}, &Saying{}, "0a01611201621a0163"},
	{&Call{Route: "a", Text: "b", Server: "c", Season: "d"}, &Call{}, "0a01611201621a0163220164"},
	{&ServerType{Type: "a"}, &ServerType{}, "0a0161"},
	{
		&Servers{Servers: []*Server{{ID: "a", Type: "b", Frontend: true, Hostname: "c", Metadata: map[string]string{"d": "e"}}}},
		&Servers{},
		"0a130a01611201621801220163" + "2a060a0164120165",
	},
}

func TestMessagesHaveTheFieldsOfTheirDefinition(t *testing.T) {
	for _, sample := range samples {
		wire, err := proto.Marshal(sample.message)
		if err != nil {
			t.Fatalf("%T: %s", sample.message, err)
		}
		if got := hex.EncodeToString(wire); got != sample.wire {
			t.Errorf("%T is %s, want %s", sample.message, got, sample.wire)
		}
		if err := proto.Unmarshal(wire, sample.empty); err != nil || !reflect.DeepEqual(sample.empty, sample.message) {
			t.Errorf("%T is read back as %v: %v", sample.message, sample.empty, err)
		}
	}
}
