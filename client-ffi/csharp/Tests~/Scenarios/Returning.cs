using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>A lost connection comes back.</summary>
    internal sealed class Returning : Scenario
    {
        public async Task SilentServer()
        {
            await Task.WhenAll(Mock("no-heartbeat", heartbeat: 1).Both.Select(async url =>
            {
                var client = await Connect(url);
                var begin = DateTime.UtcNow;
                var cause = await Lost(client);
                // How late it may be depends on the machine; how early does not. The last packet came a moment before it was connected.
                Check.That(DateTime.UtcNow - begin > Millis(1900), "too early");
                Check.Same((102, Origin.Fault), (cause.Code, cause.Origin));
                await Soon(client.ConnectedAsync());
            }));
        }

        public async Task LostConnection()
        {
            foreach (var code in await LostInFlight("mock.drop")) Check.That(code == 100 || code == 101, "code " + code);
        }

        public async Task EndedStream()
        {
            var codes = await LostInFlight("mock.end");
            // The seam of our own sockets knows no end of a stream: WebSockets have none.
            if (!OwnSockets) Check.SameList(new[] { 100, 100 }, codes);
        }

        public async Task CloseWithUnknownCode()
        {
            var client = await OnDemand();
            var lost = Lost(client);
            await Soon(client.NotifyAsync("mock.kick", "{\"code\":377,\"reason\":\"unheard of\"}"));
            var cause = await lost;
            Check.Same((377, "unheard of"), (cause.Code, cause.Reason));
            await Soon(client.ConnectedAsync());
        }

        public async Task CloseWithAdvice()
        {
            var client = await OnDemand();
            var second = Mock("on-demand");
            var lost = Lost(client);
            var begin = DateTime.UtcNow;
            var advice = "{\"code\":110,\"reason\":\"moving\",\"retry_after_ms\":300,\"endpoint\":\"" + second.Ws + "\"}";
            await Soon(client.NotifyAsync("mock.kick", advice));
            var cause = await lost;
            Check.Same((110, Millis(300), second.Ws), (cause.Code, cause.RetryAfter.Value, cause.Endpoint));
            await Soon(client.ConnectedAsync());
            Check.That(DateTime.UtcNow - begin >= Millis(299), "too early");
            // Only the other listener has this connection.
            var other = await Connect(second.Ws);
            await Soon(other.CloseAsync());
            while (await Ask(client, "mock.ends") == "[]") await Task.Delay(10);
        }

        public async Task Restart()
        {
            var peer = Mock("on-demand");
            var client = await Connect(peer.Ws);
            var pushes = client.Pushes<string>("onPush");
            await Ask(client, "mock.push", "1");
            var call = client.RequestAsync<string>("mock.silent");
            await Ask(client, "a.b", "1");
            var lost = Lost(client);
            peer.Dispose();
            Check.That((await Check.Fails<DisconnectedException>(call)).Sent, "it was sent");
            await lost;
            Mock("on-demand", address: peer.Address);
            await Soon(client.ConnectedAsync());
            await Ask(client, "mock.push", "2");
            foreach (var wanted in new[] { "1", "2" }) Check.Same(wanted, await Next(pushes));
        }

        public async Task ReconnectNow()
        {
            var client = await OnDemand(options => options.Reconnect = new Reconnect { Base = Millis(30000), Max = Millis(30000), JitterPercent = 0 });
            await Lose(client);
            Check.Same(StateKind.Reconnecting, client.State.Kind);
            Check.That(client.State.NextAttempt > TimeSpan.FromSeconds(20), "too early");
            client.Connect();
            await Soon(client.ConnectedAsync());
        }

        public async Task Pause()
        {
            foreach (var url in Mock("on-demand").Both)
            {
                var client = await Connect(url);
                client.Pause();
                await Stranded(client);
                client.Resume();
                await Soon(client.ConnectedAsync());
            }
        }

        public async Task NetworkChange()
        {
            var client = await OnDemand();
            client.NetworkChanged(false);
            await Stranded(client);
            client.NetworkChanged(true);
            await Soon(client.ConnectedAsync());
        }

        /// <summary>That the connection is lost and no attempt is made.</summary>
        private static async Task Stranded(PitayaClient client)
        {
            await Lose(client);
            var back = client.ConnectedAsync();
            Check.That(await Task.WhenAny(back, Task.Delay(300)) != back, "it came back");
        }

        /// <summary>The codes with which a request in flight fails that this order ends.</summary>
        private async Task<List<int>> LostInFlight(string order)
        {
            var codes = new List<int>();
            foreach (var url in Mock("on-demand").Both)
            {
                var client = await Connect(url);
                var call = client.RequestAsync<string>("mock.silent");
                // Once a later request is answered, the first one is in flight.
                Check.Same("1", await Ask(client, "a.b", "1"));
                var lost = Lost(client);
                await Soon(client.NotifyAsync(order));
                var error = await Check.Fails<DisconnectedException>(call);
                Check.Same(("disconnected", true, true), (error.Code, error.Sent, error.Retryable));
                codes.Add(error.CloseReason.Code);
                await lost;
                await Soon(client.ConnectedAsync());
                Check.Same("2", await Ask(client, "a.b", "2"));
            }
            return codes;
        }
    }
}
