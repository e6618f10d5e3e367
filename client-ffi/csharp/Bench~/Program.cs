using System;

namespace Pitaya.Bench
{
    /// <summary><c>round-trip HOST PORT COUNT</c>, or <c>pushes</c>.</summary>
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            if (arguments.Length == 4 && arguments[0] == "round-trip") return RoundTrips.Measure(arguments[1], arguments[2], int.Parse(arguments[3]));
            if (arguments.Length == 1 && arguments[0] == "pushes") return ReceivedPushes.Measure();
            Console.Error.WriteLine("round-trip HOST PORT COUNT, or pushes");
            return 2;
        }
    }
}
