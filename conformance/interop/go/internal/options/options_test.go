package options

import (
	"reflect"
	"testing"
)

func TestFlagsAreRead(t *testing.T) {
	options, err := Parse("peer", []string{"-type", "room", "-frontend=false", "-serializer", "protobuf", "-dictionary", "onPush=1,room.game.echo=300"})
	if err != nil {
		t.Fatal(err)
	}
	if options.Type != "room" || options.Frontend || !options.Protobuf || options.WSPort != -1 {
		t.Errorf("read as %+v", options)
	}
	if want := map[string]uint16{"onPush": 1, "room.game.echo": 300}; !reflect.DeepEqual(options.Dictionary, want) {
		t.Errorf("dictionary %v, want %v", options.Dictionary, want)
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for _, arguments := range [][]string{
		{"-serializer", "xml"},
		{"-dictionary", "onPush"},
		{"-dictionary", "onPush=65536"},
		{"-dictionary", "=1"},
		{"-standalone", "-grpc"},
		{"-frontend", "false"},
	} {
		if _, err := Parse("peer", arguments); err == nil {
			t.Errorf("%q was taken", arguments)
		}
	}
}
