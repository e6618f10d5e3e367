using System;
using System.Diagnostics;
using System.Globalization;

namespace Pitaya.Bench
{
    /// <summary>The round trip of a request as a program sees it that polls without a pause, and what a poll costs that finds nothing.</summary>
    internal static class RoundTrips
    {
        private const int IdlePolls = 1000000;

        internal static int Measure(string host, string port, int count)
        {
            var options = new PitayaOptions { Codec = new RawCodec(), Pump = Pump.Manual };
            using (var client = PitayaClient.Create("tcp://" + host + ":" + port, options))
            {
                client.Connect();
                while (client.State.Kind != StateKind.Connected)
                {
                    client.Poll();
                    if (client.State.Kind == StateKind.Closed) return 1;
                }
                var times = new double[count];
                for (var at = 0; at < count; at++)
                {
                    var begin = Stopwatch.GetTimestamp();
                    var answer = client.RequestAsync<byte[]>("connector.getsessiondata");
                    while (!answer.IsCompleted) client.Poll();
                    times[at] = Micros(begin);
                    if (answer.IsFaulted) return 1;
                }
                var idle = Stopwatch.GetTimestamp();
                for (var at = 0; at < IdlePolls; at++) client.Poll();
                var idleNanos = Micros(idle) * 1000 / IdlePolls;
                Array.Sort(times);
                Console.WriteLine(string.Format(
                    CultureInfo.InvariantCulture,
                    "{{\"language\":\"csharp\",\"median_us\":{0:F1},\"p99_us\":{1:F1},\"idle_poll_ns\":{2:F0}",
                    times[count / 2],
                    times[count * 99 / 100],
                    idleNanos) + "}");
            }
            return 0;
        }

        private static double Micros(long since)
        {
            return (Stopwatch.GetTimestamp() - since) * 1e6 / Stopwatch.Frequency;
        }
    }
}
