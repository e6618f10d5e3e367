using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Pitaya.Native;

namespace Pitaya.Tests
{
    /// <summary>What a caller may get wrong: an exception, and the client lives on.</summary>
    internal sealed class BadInput : Bed
    {
        private const string Nowhere = "tcp://127.0.0.1:9";

        public async Task ATextThatIsNoUtf8()
        {
            var client = await OnDemand();
            var error = await Check.Fails<NotSentException>(Ask(client, "a.\ud800", "1"));
            Check.Same(("route", false), (error.Code, error.Sent));
            var key = new CallOptions { Queue = Pitaya.Queue.Latest("\ud800") };
            Check.Same("route", (await Check.Fails<NotSentException>(client.NotifyAsync("a.b", "1", key))).Code);
            Check.Throws<ArgumentException>(() => client.On<string>("a.\ud800", _ => { }));
            await Works(client);
        }

        public async Task ABodyOfAnotherKind()
        {
            var client = await OnDemand(options => options.Codec = new RawCodec());
            var error = await Check.Fails<NotSentException>(client.RequestAsync<string, byte[]>("a.b", "text"));
            Check.Same("encode", error.Code);
            await Check.Fails<DecodeException>(client.RequestAsync<byte[], string>("a.b", new byte[1]));
            Check.Throws<NotSentException>(() => client.Notify("a.b", 7));
        }

        public async Task TimesAndSizesThatAreNone()
        {
            var client = await OnDemand();
            var before = new CallOptions { Timeout = Millis(-1) };
            Check.Throws<ArgumentOutOfRangeException>(() => client.RequestAsync<string>("a.b", before));
            Check.Throws<ArgumentOutOfRangeException>(() => Pitaya.Queue.Wait(-1));
            Settings(options => options.Limits.PacketBytes = -1);
            Settings(options => options.RequestTimeout = Millis(-1));
            Settings(options => options.Reconnect.JitterPercent = 101);
            var forever = new CallOptions { Timeout = TimeSpan.MaxValue };
            Check.Same("1", await Soon(client.RequestAsync<string, string>("a.b", "1", forever)));
        }

        public void SettingsThatCannotBeUsed()
        {
            Settings(options => options.UserJson = "[1]");
            Settings(options => options.UserJson = "{");
            Settings(options => options.Capabilities = (Capabilities)1024);
            Settings(options => options.Tls.RootsPem = "none");
            Settings(options => options.Tls.Pins = new[] { "sha1/abc" });
            Settings(options => options.Tls.IdentityChainPem = "none");
            Settings(options => options.Headers = new Dictionary<string, string> { { "x", "a\nb: c" } });
            Settings(options => options.ClientInfo.Version = "\ud800");
            Check.Throws<ConnectException>(() => Connecting(Create("")));
            Check.Throws<ConnectException>(() => Connecting(Keep(PitayaClient.Create(new string[0]))));
        }

        public async Task ARouteOfPushesThatIsNone()
        {
            var client = await OnDemand();
            foreach (var route in new[] { "", new string('a', 256) }) Check.Throws<ArgumentException>(() => client.On<string>(route, _ => { }));
            await Works(client);
        }

        public async Task CallsAfterTheEnd()
        {
            var client = await OnDemand();
            var reader = client.Pushes<string>("onPush");
            client.Dispose();
            client.Dispose();
            await Check.Fails<ObjectDisposedException>(client.RequestAsync<string>("a.b"));
            await Check.Fails<ObjectDisposedException>(client.NotifyAsync("a.b", "1"));
            await Check.Fails<ObjectDisposedException>(client.ConnectedAsync());
            foreach (var order in new Action[] { client.Pause, client.Resume, client.Release, client.Connect, () => client.NetworkChanged(true) })
            {
                Check.Throws<ObjectDisposedException>(order);
            }
            Check.Throws<ObjectDisposedException>(() => client.On<string>("onPush", _ => { }));
            Check.Throws<ObjectDisposedException>(() => client.Serializer.ToString());
            Check.That(!await Soon(reader.MoveNextAsync()), "the reader goes on");
            reader.Dispose();
            // This may run inside of the poll that has connected it, which ends it afterwards.
            await Task.Yield();
            Check.Same(0, client.Poll());
            Check.Same(StateKind.Closed, client.State.Kind);
            await Soon(client.CloseAsync());
            await Soon(client.ClosedAsync());
        }

        /// <summary>Handles are numbers: one that was never given, or belongs to a client that is gone, is known as such.</summary>
        public unsafe void StaleHandles()
        {
            NativeOptions options;
            Check.Same(Status.Ok, NativeMethods.pitaya_options_init(&options));
            ulong client;
            Check.Same(Status.Ok, NativeMethods.pitaya_host_create(&options, &client));
            Check.Same(Status.Ok, NativeMethods.pitaya_destroy(client, 0));
            var happened = default(NativeEvent);
            foreach (var stale in new[] { client, 0ul, ulong.MaxValue })
            {
                Check.Same(Status.InvalidHandle, NativeMethods.pitaya_poll(stale, &happened, (UIntPtr)1, UIntPtr.Zero));
                Check.Same(Status.InvalidHandle, NativeMethods.pitaya_destroy(stale, 0));
                Check.Throws<ObjectDisposedException>(() => NativeMethods.Check(NativeMethods.pitaya_connect(stale)));
            }
            Check.Throws<InternalException>(() => NativeMethods.Check(NativeMethods.pitaya_options_init(null)));
        }

        private static void Connecting(PitayaClient client)
        {
            client.Connect();
        }

        private void Settings(Action<PitayaOptions> change)
        {
            var error = Check.Throws<ConnectException>(() => Connecting(Create(Nowhere, change)));
            Check.Same(("settings", false), (error.Code, error.Retryable));
        }

        private static async Task Works(PitayaClient client)
        {
            Check.Same("1", await Ask(client, "a.b", "1"));
        }
    }
}
