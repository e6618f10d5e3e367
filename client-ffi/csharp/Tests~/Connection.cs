using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Pitaya.Host;

namespace Pitaya.Tests
{
    /// <summary>What the layer adds to the library.</summary>
    internal sealed class Connection : Bed
    {
        public async Task AListenerOfStatesSeesTheWayToTheEnd()
        {
            var client = Create(Mock("on-demand").Ws);
            var seen = new List<StateKind>();
            client.StateChanged += state => seen.Add(state.Kind);
            client.Connect();
            await Soon(client.ConnectedAsync());
            await Lose(client);
            await Soon(client.ConnectedAsync());
            await Soon(client.CloseAsync());
            Check.That(seen.Contains(StateKind.Reconnecting), "the loss was not told");
            var others = new[] { StateKind.Connecting, StateKind.Connected, StateKind.Connected, StateKind.Closed };
            Check.SameList(others, seen.Where(state => state != StateKind.Reconnecting));
        }

        public async Task WithoutABodyNothingIsSent()
        {
            var client = await OnDemand(options => options.Codec = new RawCodec());
            Check.Same(0, (await Soon(client.RequestAsync<byte[]>("a.b"))).Length);
        }

        public async Task ABodyThatIsLongerThanABuffer()
        {
            foreach (var own in new[] { false, true })
            {
                OwnSockets = own;
                var client = await OnDemand();
                var body = "\"" + new string('x', 100000) + "\"";
                Check.Same(body, await Ask(client, "a.b", body));
            }
        }

        public async Task APinnedKeyAndAnother()
        {
            var sdk = Sdk();
            Action<PitayaOptions> trust = options => options.Tls.RootsPem = sdk.Certificate;
            var wrong = "sha256/" + new string('A', 43) + "=";
            var error = await Check.Fails<ConnectException>(Start(sdk.Url("json-tls"), options =>
            {
                trust(options);
                options.Tls.Pins = new[] { wrong };
            }).ConnectedAsync());
            Check.Same(("unreachable", false, ConnectFailure.Pin), (error.Code, error.Retryable, error.CloseReason.Failure));
            var shown = Regex.Matches(error.Message, @"sha256/[\w+/]{43}=").Cast<Match>().Select(match => match.Value).First(pin => pin != wrong);
            await Connect(sdk.Url("json-tls"), options =>
            {
                trust(options);
                options.Tls.Pins = new[] { shown };
            });
        }

        public async Task ACertificateThatNobodyVouchesFor()
        {
            var error = await Check.Fails<ConnectException>(Start(Sdk().Url("json-tls")).ConnectedAsync());
            Check.Same(("unreachable", false, ConnectFailure.Certificate), (error.Code, error.Retryable, error.CloseReason.Failure));
        }

        public async Task TheFirstAddressThatAnswersIsTaken()
        {
            var client = Keep(PitayaClient.Create(new[] { Nobody(), Mock("on-demand").Tcp }, Hasty()));
            client.Connect();
            await Soon(client.ConnectedAsync());
            Check.Same("1", await Ask(client, "a.b", "1"));
        }

        public async Task HeadersAreSent()
        {
            var headers = new Dictionary<string, string> { { "X-Game", "chess" } };
            var client = await OnDemand(options => options.Headers = headers);
            Check.Same("1", await Ask(client, "a.b", "1"));
        }

        public async Task JsonHasTextsListsAndDictionaries()
        {
            var client = await OnDemand(options => options.Codec = new JsonCodec());
            var body = new Dictionary<string, string[]> { { "ü", new[] { "a", "\"" } } };
            var answer = await Soon(client.RequestAsync<Dictionary<string, string[]>, Dictionary<string, string[]>>("a.b", body));
            Check.SameList(body["ü"], answer["ü"]);
            Check.Same(null, await Soon(client.RequestAsync<string>("a.b")));
        }

        public async Task LogsTellOfConnections()
        {
            using (var log = new PitayaLog())
            {
                await OnDemand();
                CheckLine(log);
            }
        }

        /// <summary>A server may send a client elsewhere, but not out of TLS.</summary>
        public async Task ASecretAddressIsNotLeft()
        {
            var server = Mock("on-demand");
            var sockets = new Addresses(server.Ws);
            var client = Keep(PitayaClient.Create(new[] { "wss://play.example/" }, Hasty(), sockets));
            client.Connect();
            foreach (var place in new[] { "ws://elsewhere.example/", "wss://elsewhere.example/" })
            {
                await Soon(client.ConnectedAsync());
                var lost = Lost(client);
                await Soon(client.NotifyAsync("mock.kick", "{\"code\":110,\"endpoint\":\"" + place + "\"}"));
                await lost;
            }
            await Soon(client.ConnectedAsync());
            Check.SameList(new[] { "wss://play.example/", "wss://play.example/", "wss://elsewhere.example/" }, sockets.Opened);
        }

        /// <summary>Sockets that all lead to one server, and know what they were asked for.</summary>
        private sealed class Addresses : IHostSockets
        {
            private readonly string _server;

            internal Addresses(string server)
            {
                _server = server;
            }

            internal List<string> Opened { get; } = new List<string>();

            public IHostSocket Open(string url)
            {
                Opened.Add(url);
                return new WsSocket(new Uri(_server));
            }
        }

        private static void CheckLine(PitayaLog log)
        {
            Check.That(log.TryRead(out var line), "nothing was told");
            Check.Same(LogLevel.Debug, line.Level);
            Check.Has("pitaya_client", line.Message);
        }
    }
}
