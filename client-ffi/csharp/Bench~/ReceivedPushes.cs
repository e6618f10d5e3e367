using System;
using System.Globalization;

namespace Pitaya.Bench
{
    /// <summary>
    /// What receiving a push costs in managed memory, and an idle poll. The runtime counts the bytes that this thread allocates. One object is
    /// the body; every further one has at least a header, so that the bytes bound how many there are.
    /// </summary>
    internal static class ReceivedPushes
    {
        private const int WarmUp = 1000, Count = 10000, BodyLength = 64, IdlePolls = 100000;
        private const int MostPerPush = 2;

        /// <summary>The smallest object of a 64-bit runtime.</summary>
        private const int Header = 16;

        internal static int Measure()
        {
            var server = new PushServer(BodyLength);
            var options = new PitayaOptions { Codec = new RawCodec(), Pump = Pump.Manual };
            options.Limits.Pushes = Count;
            using (server)
            using (var client = PitayaClient.Create(server.Url, options))
            {
                var heard = 0;
                client.On<byte[]>("onMove", body => heard++);
                client.Connect();
                while (client.State.Kind != StateKind.Connected)
                {
                    client.Poll();
                    if (client.State.Kind == StateKind.Closed) return 1;
                }
                // What is made once, such as compiled methods, is there after the first ones.
                server.Push(WarmUp);
                while (heard < WarmUp) client.Poll();
                server.Push(Count);
                var begin = GC.GetAllocatedBytesForCurrentThread();
                while (heard < WarmUp + Count) client.Poll();
                var perPush = (GC.GetAllocatedBytesForCurrentThread() - begin) / (double)Count;
                begin = GC.GetAllocatedBytesForCurrentThread();
                for (var at = 0; at < IdlePolls; at++) client.Poll();
                var idle = GC.GetAllocatedBytesForCurrentThread() - begin;
                return Judge(perPush, BodySize(), idle);
            }
        }

        private static int Judge(double perPush, double body, long idle)
        {
            var most = 1 + Math.Max(0, (int)Math.Ceiling((perPush - body) / Header));
            Console.WriteLine(string.Format(
                CultureInfo.InvariantCulture,
                "a push with {0} bytes: {1:F1} managed bytes, {2:F1} of them its body: at most {3} allocations; {4} idle polls: {5} bytes",
                BodyLength,
                perPush,
                body,
                most,
                IdlePolls,
                idle));
            if (most <= MostPerPush && idle == 0) return 0;
            Console.Error.WriteLine("a push may cost " + MostPerPush + " allocations, and an idle poll none");
            return 1;
        }

        /// <summary>What an array of this length takes.</summary>
        private static double BodySize()
        {
            var kept = new byte[WarmUp][];
            var begin = GC.GetAllocatedBytesForCurrentThread();
            for (var at = 0; at < kept.Length; at++) kept[at] = new byte[BodyLength];
            return (GC.GetAllocatedBytesForCurrentThread() - begin) / (double)kept.Length;
        }
    }
}
