using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>Reaching a server, and what keeps a client from it.</summary>
    internal sealed class Connecting : Scenario
    {
        public async Task Connect()
        {
            var sdk = Sdk();
            var names = OwnSockets ? new[] { "json-tcp", "json-ws" } : new[] { "json-tcp", "json-tls", "json-ws" };
            foreach (var name in names)
            {
                var client = await Connect(sdk.Url(name), options => options.Tls.RootsPem = sdk.Certificate);
                Check.Same(StateKind.Connected, client.State.Kind);
                Check.Same(Serializer.Json, client.Serializer);
                await Soon(client.CloseAsync());
                var ended = await client.ClosedAsync();
                Check.Same((0, Origin.Local), (ended.Reason.Code, ended.Reason.Origin));
            }
        }

        public async Task UserData()
        {
            var client = await OnDemand(options =>
            {
                options.UserJson = "{\"age\":30}";
                options.ClientInfo = new ClientInfo { Version = "2.1", Build = "20", Platform = "mac" };
            });
            var handshake = Json.Read(await Ask(client, "mock.handshake"));
            var sys = handshake["sys"];
            Check.Same("30", handshake["user"]["age"].Text);
            Check.Same(("mac", "2.1", "20"), (sys["platform"].Text, sys["clientVersion"].Text, sys["clientBuildNumber"].Text));
            Check.That(sys["libVersion"].Text.Length > 0, "no version of the library");
        }

        public async Task UserAnew()
        {
            var attempts = 0;
            var client = await OnDemand(options => options.UserForEachAttempt = () => "{\"attempt\":" + ++attempts + "}");
            Check.Same("1", Json.Read(await Ask(client, "mock.handshake"))["user"]["attempt"].Text);
            await Lose(client);
            await Soon(client.ConnectedAsync());
            Check.Same("2", Json.Read(await Ask(client, "mock.handshake"))["user"]["attempt"].Text);
        }

        public async Task UserFunctionFails()
        {
            var fails = false;
            Func<string> user = () => fails ? throw new TimeoutException("the token service is away") : "{}";
            var client = await OnDemand(options => options.UserForEachAttempt = user);
            fails = true;
            var ended = client.ClosedAsync();
            await Soon(client.NotifyAsync("mock.drop"));
            await Soon(ended);
            var error = await Check.Fails<ConnectException>(client.ConnectedAsync());
            Check.Same("user", error.Code);
            Check.Has("the token service is away", error.Message);
            Check.That(error.InnerException is TimeoutException, "not the cause");
            Check.Same("user", Check.Throws<ConnectException>(client.Connect).Code);
        }

        public async Task BadUrl()
        {
            if (OwnSockets)
            {
                var ended = await Ending("http://127.0.0.1:1/");
                Check.Has("http://127.0.0.1:1/", ended.Reason.Reason);
                Check.That(!ended.Reason.Reconnect && !ended.Exhausted, "it may not work later");
                return;
            }
            var error = await Check.Fails<ConnectException>(PitayaClient.ConnectAsync("http://127.0.0.1:1/"));
            Check.Same(("settings", false), (error.Code, error.Retryable));
            Check.Has("http://127.0.0.1:1/", error.Message);
        }

        public async Task Unreachable()
        {
            var url = Nobody();
            var error = await Check.Fails<ConnectException>(Start(url).ConnectedAsync());
            Check.Same(("unreachable", true), (error.Code, error.Retryable));
            Check.Same(ConnectFailure.Unreachable, error.CloseReason.Failure);
            Check.Has(url, error.Message);
        }

        public async Task FirstAttemptRepeated()
        {
            var ended = await Ending(Nobody(), options =>
            {
                TwoMore(options);
                options.Reconnect.First = true;
            });
            Check.That(ended.Exhausted, "attempts are left");
        }

        public async Task ConnectAborted()
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var url = "tcp://127.0.0.1:" + ((IPEndPoint)listener.LocalEndpoint).Port;
            using (var abort = new CancellationTokenSource())
            {
                // ConnectAsync is this with a client that it disposes.
                var client = OwnSockets ? Start(url) : null;
                var connecting = OwnSockets ? client.ConnectedAsync(abort.Token) : PitayaClient.ConnectAsync(url, Hasty(), abort.Token);
                using (var served = await Soon(listener.AcceptSocketAsync()))
                {
                    abort.Cancel();
                    await Check.Fails<OperationCanceledException>(connecting);
                    client?.Dispose();
                    await Soon(Task.Run(() => Drain(served)));
                }
            }
            listener.Stop();
        }

        public async Task HandshakeTimeout()
        {
            foreach (var url in Mock("slow-handshake", delay: 30000).Both)
            {
                var error = await Check.Fails<ConnectException>(Start(url, options => options.HandshakeTimeout = Millis(100)).ConnectedAsync());
                Check.Same((103, true), (error.CloseReason.Code, error.Retryable));
            }
        }

        public async Task SlowHandshake()
        {
            var url = Mock("slow-handshake").Tcp;
            var begin = DateTime.UtcNow;
            await Connect(url);
            Check.That(DateTime.UtcNow - begin >= Millis(Delay - 5), "too early");
        }

        public async Task DropOnAck()
        {
            foreach (var url in Mock("drop-on-ack").Both)
            {
                var ended = await Ending(url, options =>
                {
                    TwoMore(options);
                    options.Reconnect.First = true;
                });
                Check.That(ended.Exhausted && ended.Reason.Reconnect && !ended.Reason.Kicked, ended.ToString());
            }
        }

        public async Task SplitFrames()
        {
            foreach (var url in Mock("split-frames").Both)
            {
                var client = await Connect(url);
                foreach (var body in new[] { "\"one\"", "\"another\"" }) Check.Same(body, await Ask(client, "a.b", body));
            }
        }

        private static void Drain(Socket socket)
        {
            var bytes = new byte[1024];
            try
            {
                while (socket.Receive(bytes) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // A reset is an end too.
            }
        }
    }
}
