package peerv3

import (
	"fmt"
	"net"
	"strconv"

	"github.com/spf13/viper"
	pitaya "github.com/topfreegames/pitaya/v3/pkg"
	"github.com/topfreegames/pitaya/v3/pkg/acceptor"
	"github.com/topfreegames/pitaya/v3/pkg/cluster"
	"github.com/topfreegames/pitaya/v3/pkg/config"
	"github.com/topfreegames/pitaya/v3/pkg/constants"
	"github.com/topfreegames/pitaya/v3/pkg/modules"
	"github.com/topfreegames/pitaya/v3/pkg/serialize"

	"pitaya-interop/internal/options"
)

const loopback = "127.0.0.1"

// parts are what a server is made of.
type parts struct {
	builder *pitaya.Builder
	// tcp and ws are nil where there is no such listener.
	tcp, ws acceptor.Acceptor
	// bindings is nil under NATS.
	bindings *modules.ETCDBindingStorage
	// grpcPort is 0 under NATS.
	grpcPort int
}

func assemble(options options.Options) (parts, error) {
	var made parts
	mode := pitaya.Cluster
	if options.Standalone {
		mode = pitaya.Standalone
	}
	metadata := map[string]string{}
	if options.GRPC {
		port, err := grpcPort(options)
		if err != nil {
			return parts{}, err
		}
		made.grpcPort = port
		metadata[constants.GRPCHostKey] = loopback
		metadata[constants.GRPCPortKey] = strconv.Itoa(port)
	}
	settings, err := configuration(options, made.grpcPort)
	if err != nil {
		return parts{}, err
	}
	made.builder = pitaya.NewDefaultBuilder(options.Frontend, options.Type, mode, metadata, *settings)
	if options.Frontend {
		made.listen(options)
	}
	if options.GRPC {
		if err := made.useGRPC(settings); err != nil {
			return parts{}, err
		}
	}
	return made, nil
}

func configuration(options options.Options, grpcPort int) (*config.PitayaConfig, error) {
	if options.Config != "" {
		return configurationOf(options.Config, grpcPort)
	}
	settings := config.NewDefaultPitayaConfig()
	settings.SerializerType = uint16(serialize.JSON)
	if options.Protobuf {
		settings.SerializerType = uint16(serialize.PROTOBUF)
	}
	settings.Handler.Messages.Compression = options.Compress
	settings.Session.Unique = options.Unique
	settings.Cluster.SD.Etcd.Endpoints = []string{options.Etcd}
	settings.Cluster.SD.Etcd.Prefix = options.SDPrefix
	settings.Modules.BindingStorage.Etcd.Endpoints = []string{options.Etcd}
	settings.Modules.BindingStorage.Etcd.Prefix = options.SDPrefix
	settings.Cluster.RPC.Client.Nats.Connect = options.Nats
	settings.Cluster.RPC.Server.Nats.Connect = options.Nats
	settings.Cluster.RPC.Server.Grpc.Port = grpcPort
	return settings, nil
}

// configurationOf reads a file as a program of Pitaya does that leaves everything to it.
func configurationOf(file string, grpcPort int) (*config.PitayaConfig, error) {
	read := viper.New()
	read.SetConfigFile(file)
	if err := read.ReadInConfig(); err != nil {
		return nil, err
	}
	settings := config.NewPitayaConfig(config.NewConfig(read))
	if grpcPort != 0 {
		settings.Cluster.RPC.Server.Grpc.Port = grpcPort
	}
	return settings, nil
}

func (p *parts) listen(options options.Options) {
	p.tcp = acceptor.NewTCPAcceptor(fmt.Sprintf("%s:%d", loopback, options.Port))
	p.builder.AddAcceptor(p.tcp)
	if options.WSPort >= 0 {
		p.ws = acceptor.NewWSAcceptor(fmt.Sprintf("%s:%d", loopback, options.WSPort))
		p.builder.AddAcceptor(p.ws)
	}
}

func (p *parts) useGRPC(settings *config.PitayaConfig) error {
	builder := p.builder
	server, err := cluster.NewGRPCServer(settings.Cluster.RPC.Server.Grpc, builder.Server, builder.MetricsReporters)
	if err != nil {
		return err
	}
	p.bindings = modules.NewETCDBindingStorage(builder.Server, builder.SessionPool, settings.Modules.BindingStorage.Etcd)
	client, err := cluster.NewGRPCClient(
		settings.Cluster.RPC.Client.Grpc,
		builder.Server,
		builder.MetricsReporters,
		p.bindings,
		cluster.NewInfoRetriever(settings.Cluster.Info),
	)
	if err != nil {
		return err
	}
	builder.RPCServer = server
	builder.RPCClient = client
	return nil
}

// grpcPort is the port of the gRPC server. Pitaya takes no listener and advertises the port before it listens, so a free one is
// asked for and given back.
func grpcPort(options options.Options) (int, error) {
	if options.GRPCPort != 0 {
		return options.GRPCPort, nil
	}
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}
