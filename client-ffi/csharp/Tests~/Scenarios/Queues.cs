using System;
using System.Linq;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>Calls while there is no connection.</summary>
    internal sealed class Queues : Scenario
    {
        public async Task QueueFail()
        {
            var client = await Stranded();
            foreach (var call in new Func<Task>[] { () => client.RequestAsync<string>("a.b"), () => client.NotifyAsync("a.b") })
            {
                var error = await Check.Fails<NotSentException>(call());
                Check.Same(("not-connected", true, false), (error.Code, error.Retryable, error.Sent));
            }
            Check.Same("not-connected", (await Check.Fails<NotSentException>(client.NotifyAsync("a.b", "1"))).Code);
        }

        public async Task QueueWait()
        {
            var client = await Stranded(options => options.Queue = Pitaya.Queue.Wait());
            var calls = new[] { client.NotifyAsync("a.b", "1"), client.RequestAsync<string, string>("a.b", "2"), client.NotifyAsync("a.b", "3") };
            client.Resume();
            await Soon(Task.WhenAll(calls));
            Check.Same("2", await (Task<string>)calls[1]);
            Check.SameList(new[] { "a.b 1", "a.b 2", "a.b 3" }, await Received(client));
        }

        public async Task QueueLatest()
        {
            var client = await Stranded();
            Func<string, string, Task> set = (body, key) => client.NotifyAsync("pos.set", body, new CallOptions { Queue = Pitaya.Queue.Latest(key) });
            var old = set("\"old\"", "me");
            var kept = new[] { set("\"other\"", "pet"), set("\"new\"", "me") };
            client.Resume();
            Check.Same("superseded", (await Check.Fails<NotSentException>(old)).Code);
            await Soon(Task.WhenAll(kept));
            Check.SameList(new[] { "pos.set \"other\"", "pos.set \"new\"" }, await Received(client));
        }

        public async Task QueueLimits()
        {
            var client = await Stranded(options => options.Codec = new RawCodec());
            var limits = new CallOptions { Queue = Pitaya.Queue.Wait(1, 100, Millis(50)) };
            var calls = new[] { 101, 0, 0 }.Select(size => client.NotifyAsync("a.b", new byte[size], limits)).ToArray();
            var wanted = new[] { "queue-full", "expired", "queue-full" };
            for (var at = 0; at < calls.Length; at++) Check.Same(wanted[at], (await Check.Fails<NotSentException>(calls[at])).Code);
        }

        public async Task QueueHeld()
        {
            var client = await Stranded(options => options.HoldQueue = true);
            var waiting = client.NotifyAsync("chat.say", "1", new CallOptions { Queue = Pitaya.Queue.Wait() });
            client.Resume();
            await Soon(client.ConnectedAsync());
            await Soon(client.NotifyAsync("room.join", "2"));
            client.Release();
            await Soon(waiting);
            Check.SameList(new[] { "room.join 2", "chat.say 1" }, await Received(client));
            Check.Same("3", await Ask(client, "a.b", "3"));
        }

        /// <summary>A client that has lost its connection, and makes no attempt before it is resumed.</summary>
        private async Task<PitayaClient> Stranded(Action<PitayaOptions> change = null)
        {
            var client = await OnDemand(change);
            client.Pause();
            var lost = Lost(client);
            await Soon(client.NotifyAsync("mock.drop"));
            await lost;
            return client;
        }
    }
}
