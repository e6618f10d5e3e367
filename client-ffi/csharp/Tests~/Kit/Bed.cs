using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>A test with peers and clients, which are gone when it ends, however it ends.</summary>
    internal abstract class Bed
    {
        /// <summary>How late the late ones are, in milliseconds.</summary>
        internal const int Delay = 300;

        private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
        private readonly List<IDisposable> _things = new List<IDisposable>();

        /// <summary>Whether clients have sockets of this program.</summary>
        internal bool OwnSockets { get; set; }

        internal static string Repository => Environment.GetEnvironmentVariable("PITAYA_REPOSITORY") ?? throw new InvalidOperationException("PITAYA_REPOSITORY is not set");

        internal static string Program(string variable)
        {
            return Environment.GetEnvironmentVariable(variable) ?? throw new InvalidOperationException(variable + " names no program");
        }

        /// <summary>Fails instead of hanging.</summary>
        internal static async Task Soon(Task task, int times = 1)
        {
            if (await Task.WhenAny(task, Task.Delay(TimeSpan.FromTicks(Long.Ticks * times))) != task) throw new TimeoutException("it hangs");
            await task;
        }

        internal static async Task<T> Soon<T>(Task<T> task)
        {
            await Soon((Task)task);
            return await task;
        }

        internal void End()
        {
            // What was made last goes first.
            _things.Reverse();
            _things.ForEach(thing => thing.Dispose());
        }

        protected T Keep<T>(T thing) where T : IDisposable
        {
            _things.Add(thing);
            return thing;
        }

        protected Peer Mock(string script, int heartbeat = 6, int delay = Delay, string address = null)
        {
            return Keep(Peer.Mock(script, heartbeat, delay, address));
        }

        protected Peer Sdk(int heartbeat = 6)
        {
            return Keep(Peer.Sdk(heartbeat));
        }

        /// <summary>An address on which nobody listens.</summary>
        protected static string Nobody()
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            return "ws://127.0.0.1:" + port + "/";
        }

        /// <summary>Settings that come back without a wait worth speaking of.</summary>
        protected static PitayaOptions Hasty()
        {
            return new PitayaOptions
            {
                Codec = new TextCodec(),
                PumpInterval = TimeSpan.FromMilliseconds(1),
                Reconnect = new Reconnect { Base = Millis(20), Max = Millis(80), JitterPercent = 0 },
            };
        }

        /// <summary>Two attempts more.</summary>
        protected static void TwoMore(PitayaOptions options)
        {
            options.Reconnect.Attempts = 2;
        }

        protected PitayaClient Create(string url, Action<PitayaOptions> change = null)
        {
            var options = Hasty();
            change?.Invoke(options);
            var urls = new[] { url };
            return Keep(OwnSockets ? PitayaClient.Create(urls, options, new OwnSockets()) : PitayaClient.Create(urls, options));
        }

        protected PitayaClient Start(string url, Action<PitayaOptions> change = null)
        {
            var client = Create(url, change);
            client.Connect();
            return client;
        }

        protected async Task<PitayaClient> Connect(string url, Action<PitayaOptions> change = null)
        {
            var client = Start(url, change);
            await Soon(client.ConnectedAsync());
            return client;
        }

        protected Task<PitayaClient> OnDemand(Action<PitayaOptions> change = null)
        {
            return Connect(Mock("on-demand").Ws, change);
        }

        /// <summary>How a client ends that its server does not keep.</summary>
        protected Task<ClientState> Ending(string url, Action<PitayaOptions> change = null)
        {
            return Soon(Start(url, change).ClosedAsync());
        }

        protected static Task<string> Ask(PitayaClient client, string route, string body = "")
        {
            return Soon(client.RequestAsync<string, string>(route, body));
        }

        /// <summary>The cause of the next loss.</summary>
        protected static Task<CloseReason> Lost(PitayaClient client)
        {
            return Next<ClientState, CloseReason>(heard => client.StateChanged += heard, heard => client.StateChanged -= heard,
                state => state.Kind == StateKind.Reconnecting ? state.Reason : null);
        }

        /// <summary>Loses the connection of a client of a peer that obeys.</summary>
        protected static async Task Lose(PitayaClient client)
        {
            var lost = Lost(client);
            await Soon(client.NotifyAsync("mock.drop"));
            await lost;
        }

        /// <summary>What came on the connection, as <c>route body</c>.</summary>
        protected static async Task<string[]> Received(PitayaClient client)
        {
            var messages = Json.Read(await Soon(client.RequestAsync<string>("mock.received", new CallOptions { Queue = Pitaya.Queue.Fail })));
            return messages.Items.Select(message => message["route"].Text + " " + message["body"].Text).ToArray();
        }

        /// <summary>The next event of which something comes.</summary>
        protected static async Task<R> Next<T, R>(Action<Action<T>> add, Action<Action<T>> remove, Func<T, R> wanted) where R : class
        {
            var found = new TaskCompletionSource<R>();
            Action<T> heard = happened =>
            {
                var result = wanted(happened);
                if (result != null) found.TrySetResult(result);
            };
            add(heard);
            try
            {
                return await Soon(found.Task);
            }
            finally
            {
                remove(heard);
            }
        }

        /// <summary>The next push of a reader.</summary>
        protected static async Task<string> Next(PushReader<string> reader)
        {
            Check.That(await Soon(reader.MoveNextAsync()), "the reader has ended");
            return reader.Current;
        }

        protected static TimeSpan Millis(int millis)
        {
            return TimeSpan.FromMilliseconds(millis);
        }
    }

    /// <summary>Tests with the names of <c>conformance/scenarios.md</c>. They run twice: with the library's sockets, and with this program's.</summary>
    internal abstract class Scenario : Bed
    {
    }
}
