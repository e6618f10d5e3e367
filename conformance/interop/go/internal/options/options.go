// Package options reads the command line of a peer.
package options

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
)

// Options say what a peer is and where its engines are.
type Options struct {
	// Type is the server type.
	Type string
	// Frontend peers have listeners, and only they.
	Frontend bool
	// Port is the TCP listener's; 0 asks for a free one.
	Port int
	// WSPort is the WebSocket listener's; 0 asks for a free one, and below 0 there is no such listener.
	WSPort int
	// Protobuf is the serializer towards clients, else it is JSON.
	Protobuf bool
	// SDPrefix is the prefix of every key in etcd, its last slash included.
	SDPrefix string
	// Etcd is host:port.
	Etcd string
	// Nats is a URL.
	Nats string
	// GRPC replaces NATS by gRPC.
	GRPC bool
	// GRPCPort 0 asks for a free one.
	GRPCPort int
	// Unique sessions: a user has one session on all frontends of a type.
	Unique bool
	// Standalone peers know no other server.
	Standalone bool
	// Compress the messages to clients where that makes them shorter.
	Compress bool
	// Dictionary has a code for each route, as the handshake tells it.
	Dictionary map[string]uint16
	// Config is a file with Pitaya's own keys. It and the environment stand for the options that have such keys; it is empty where there is none.
	Config string
	// Debug logs everything.
	Debug bool
}

// Parse reads the arguments that follow the program's name.
func Parse(program string, arguments []string) (Options, error) {
	var options Options
	var serializer, dictionary string
	flags := flag.NewFlagSet(program, flag.ContinueOnError)
	flags.StringVar(&options.Type, "type", "connector", "server type")
	flags.BoolVar(&options.Frontend, "frontend", true, "whether clients connect to it")
	flags.IntVar(&options.Port, "port", 0, "port of a frontend's TCP listener on 127.0.0.1; 0: a free one")
	flags.IntVar(&options.WSPort, "ws-port", -1, "port of a frontend's WebSocket listener on 127.0.0.1; 0: a free one, -1: none")
	flags.StringVar(&serializer, "serializer", "json", "json or protobuf")
	flags.StringVar(&options.SDPrefix, "sdprefix", "pitaya/", "prefix of the keys in etcd")
	flags.StringVar(&options.Etcd, "etcd", "127.0.0.1:2379", "host:port of etcd")
	flags.StringVar(&options.Nats, "nats", "nats://127.0.0.1:4222", "URL of NATS")
	flags.BoolVar(&options.GRPC, "grpc", false, "gRPC in place of NATS")
	flags.IntVar(&options.GRPCPort, "grpcport", 0, "port of the gRPC server; 0: a free one")
	flags.BoolVar(&options.Unique, "unique", false, "one session for each user on all frontends of a type")
	flags.BoolVar(&options.Standalone, "standalone", false, "no cluster")
	flags.BoolVar(&options.Compress, "compress", false, "compress messages to clients")
	flags.StringVar(&dictionary, "dictionary", "", "codes of routes: onPush=1,room.game.echo=2")
	flags.StringVar(&options.Config, "config", "", "file of Pitaya's own keys, in place of the flags that have such keys")
	flags.BoolVar(&options.Debug, "debug", false, "log everything")
	if err := flags.Parse(arguments); err != nil {
		return Options{}, err
	}
	if flags.NArg() > 0 {
		return Options{}, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	switch serializer {
	case "json":
	case "protobuf":
		options.Protobuf = true
	default:
		return Options{}, fmt.Errorf("-serializer is json or protobuf, not %q", serializer)
	}
	if options.Standalone && options.GRPC {
		return Options{}, errors.New("-standalone and -grpc exclude each other")
	}
	var err error
	options.Dictionary, err = parseDictionary(dictionary)
	return options, err
}

func parseDictionary(text string) (map[string]uint16, error) {
	dictionary := make(map[string]uint16)
	if text == "" {
		return dictionary, nil
	}
	for _, entry := range strings.Split(text, ",") {
		route, number, _ := strings.Cut(entry, "=")
		code, err := strconv.ParseUint(number, 10, 16)
		if err != nil || route == "" {
			return nil, fmt.Errorf("-dictionary: %q is not route=code", entry)
		}
		dictionary[route] = uint16(code)
	}
	return dictionary, nil
}
