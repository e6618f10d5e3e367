using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>How connections end for good, and who says so.</summary>
    internal sealed class Leaving : Scenario
    {
        public async Task HeartbeatsAreLife()
        {
            var client = await Connect(Mock("silent", heartbeat: 1).Tcp);
            var lost = Lost(client);
            Check.That(await Task.WhenAny(lost, Task.Delay(5000)) != lost, "it was lost");
            Check.Same(StateKind.Connected, client.State.Kind);
        }

        public async Task Kick()
        {
            var reason = await End("kick");
            Check.Same((500, Origin.Peer, true), (reason.Code, reason.Origin, reason.Kicked));
        }

        public async Task KickWithPomelosReason()
        {
            var reason = await End("kick-with-reason", Capabilities.None);
            Check.Same((500, "kicked by the script"), (reason.Code, reason.Reason));
        }

        public async Task KickWithReason()
        {
            var reason = await End("kick-with-reason");
            Check.Same((501, "kicked by the script"), (reason.Code, reason.Reason));
        }

        public async Task KickWithUnknownCode()
        {
            var client = await OnDemand();
            client.Notify("mock.kick", "{\"code\":777,\"reason\":\"unheard of\"}");
            var reason = (await Soon(client.ClosedAsync())).Reason;
            Check.Same((777, "unheard of"), (reason.Code, reason.Reason));
        }

        public async Task Garbage()
        {
            var reason = await End("garbage");
            Check.Same((400, Origin.Fault), (reason.Code, reason.Origin));
        }

        public async Task HalfFrame()
        {
            var peer = Mock("half-frame");
            var reason = (await Ending(peer.Ws)).Reason;
            Check.Same((400, Origin.Fault), (reason.Code, reason.Origin));
            var ended = await Ending(peer.Tcp, options =>
            {
                TwoMore(options);
                options.Reconnect.First = true;
            });
            // The seam of our own sockets knows no end of a stream: it is a loss there.
            Check.Same((true, OwnSockets ? 101 : 100), (ended.Exhausted, ended.Reason.Code));
        }

        public async Task ReconnectOff()
        {
            var client = await Connect(Mock("on-demand").Tcp, options => options.Reconnect.Attempts = 0);
            client.Notify("mock.drop", "");
            Check.That((await Soon(client.ClosedAsync())).Reason.Reconnect, "others would come back");
            var patient = new CallOptions { Queue = Pitaya.Queue.Wait() };
            Check.Same("not-connected", (await Check.Fails<NotSentException>(client.RequestAsync<string>("a.b", patient))).Code);
        }

        public async Task AttemptsExhausted()
        {
            var peer = Mock("on-demand");
            var client = await Connect(peer.Ws, TwoMore);
            peer.Dispose();
            var ended = await Soon(client.ClosedAsync());
            Check.That(ended.Exhausted && !ended.Reason.Kicked, ended.ToString());
        }

        public async Task CloseWithCalls()
        {
            var peer = Mock("on-demand");
            PitayaClient other = await Connect(peer.Ws), client = await Connect(peer.Ws);
            var call = client.RequestAsync<string>("mock.silent");
            // Once a later request is answered, the first one is in flight.
            await Ask(client, "a.b");
            await Soon(client.CloseAsync());
            var error = await Check.Fails<DisconnectedException>(call);
            Check.Same((true, Origin.Local), (error.Sent, error.CloseReason.Origin));
            var ended = await Soon(client.ClosedAsync());
            Check.Same((false, 0), (ended.Exhausted, ended.Reason.Code));
            while (await Ask(other, "mock.ends") != "[\"closed 1000\"]") await Task.Delay(10);
        }

        /// <summary>How it ends after the ack, which is the same over TCP and over WebSocket.</summary>
        private async Task<CloseReason> End(string script, Capabilities capabilities = Capabilities.All)
        {
            CloseReason first = null;
            foreach (var url in Mock(script).Both)
            {
                var ended = await Ending(url, options => options.Capabilities = capabilities);
                Check.That(!ended.Exhausted, "it does not come back");
                if (first != null) Check.Same((first.Code, first.Origin), (ended.Reason.Code, ended.Reason.Origin));
                first = ended.Reason;
            }
            return first;
        }
    }
}
