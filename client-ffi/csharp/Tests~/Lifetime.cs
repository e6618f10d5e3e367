using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>Clients that come and go, with calls in flight.</summary>
    internal sealed class Lifetime : Bed
    {
        public async Task DisposingEndsCallsAndReaders()
        {
            var client = await Connect(Mock("silent").Ws);
            var call = client.RequestAsync<string>("a.b");
            var reading = client.Pushes<string>("onPush").MoveNextAsync();
            var closed = client.ClosedAsync();
            client.Dispose();
            var error = await Check.Fails<DisconnectedException>(call);
            Check.Same((true, Origin.Local), (error.Sent, error.CloseReason.Origin));
            Check.That(!await Soon(reading), "the reader goes on");
            Check.Same(Origin.Local, (await Soon(closed)).Reason.Origin);
        }

        public async Task DisposingEndsWhoWaits()
        {
            var client = Start(Mock("slow-handshake", delay: 30000).Ws);
            var connected = client.ConnectedAsync();
            client.Dispose();
            await Check.Fails<ObjectDisposedException>(connected);
        }

        public async Task ADisposedClientClosesItsConnection()
        {
            var peer = Mock("on-demand");
            var other = await Connect(peer.Ws);
            (await Connect(peer.Ws)).Dispose();
            while (await Ask(other, "mock.ends") != "[\"closed 1000\"]") await Task.Delay(10);
        }

        public async Task AForgottenClientClosesItsConnection()
        {
            var peer = Mock("on-demand");
            var other = await Connect(peer.Ws);
            // On a thread of its own, so that nothing is left of it on a stack.
            var thread = new Thread(() => Forget(peer.Ws));
            thread.Start();
            thread.Join();
            while (await Ask(other, "mock.ends") == "[]")
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                await Task.Delay(10);
            }
        }

        public async Task AClosedClientConnectsAnew()
        {
            var client = await OnDemand();
            await Soon(client.CloseAsync());
            await Soon(client.CloseAsync());
            client.Connect();
            await Soon(client.ConnectedAsync());
            Check.Same("1", await Ask(client, "a.b", "1"));
        }

        public async Task StoppingAReaderEndsIt()
        {
            var client = await OnDemand();
            var reader = client.Pushes<string>("onPush");
            var reading = reader.MoveNextAsync();
            await Check.Fails<InvalidOperationException>(reader.MoveNextAsync());
            reader.Dispose();
            Check.That(!await Soon(reading), "the reader goes on");
            var route = Next<string, string>(heard => client.Unhandled += heard, heard => client.Unhandled -= heard, heard => heard);
            await Ask(client, "mock.push", "1");
            Check.Same("onPush", await route);
        }

        private static void Forget(string url)
        {
            var client = PitayaClient.Create(url, new PitayaOptions { Pump = Pump.Manual });
            client.Connect();
            while (client.State.Kind != StateKind.Connected) client.Poll();
        }
    }

    /// <summary>What is left of clients that are gone.</summary>
    [Alone]
    internal sealed class ManyClients : Bed
    {
        private const int Cycles = 5000, MostRounds = 6;

        /// <summary>Half of what the smallest leak of a client would be.</summary>
        private const int MostPerClient = 500;

        /// <summary>What the collector and the allocator keep for later comes and goes; a leak is there in every round.</summary>
        public async Task TenThousandLeaveNothingBehind()
        {
            await Cycle(Cycles);
            int files = OpenFiles();
            var grown = new List<long>();
            do
            {
                var before = Resident();
                await Cycle(Cycles);
                grown.Add(Resident() - before);
            }
            while (grown.Last() > Cycles * MostPerClient && grown.Count < MostRounds);
            Check.That(OpenFiles() <= files + 8, "files stay open");
            Check.That(grown.Last() <= Cycles * MostPerClient, "each " + Cycles + " leave, in bytes: " + string.Join(", ", grown));
        }

        private static async Task Cycle(int count)
        {
            for (var n = 0; n < count; n++)
            {
                Cycle();
                // The library closes them in the background: how many are at once is not what is asked here.
                // Nor is how much garbage the collector lets lie.
                if (n % 1000 == 0) GC.Collect();
                if (n % 20 == 0) await Task.Delay(1);
            }
            await Settle();
        }

        private static void Cycle()
        {
            var options = new PitayaOptions { Pump = Pump.Manual, Queue = Pitaya.Queue.Wait() };
            using (var client = PitayaClient.Create("tcp://127.0.0.1:9", options))
            {
                client.On<string>("onPush", _ => { });
                client.Connect();
                client.NotifyAsync("a.b", 1);
                client.Poll();
            }
        }

        /// <summary>Sockets that were being opened are closed by the library's thread.</summary>
        private static async Task Settle()
        {
            for (var before = -1; before != OpenFiles();)
            {
                before = OpenFiles();
                GC.Collect();
                GC.WaitForPendingFinalizers();
                await Task.Delay(200);
            }
        }

        private static int OpenFiles()
        {
            return Directory.GetFiles("/proc/self/fd").Length;
        }

        /// <summary>
        /// Memory of this process that no file has, in bytes. The system takes pages of files away and gives them back as it likes.
        /// </summary>
        private static long Resident()
        {
            var held = File.ReadLines("/proc/self/status").Where(line => line.StartsWith("RssAnon:") || line.StartsWith("VmSwap:"));
            return held.Sum(line => long.Parse(line.Split(':')[1].Replace("kB", "").Trim()) * 1024);
        }
    }
}
