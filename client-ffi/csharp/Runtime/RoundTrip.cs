using System;

namespace Pitaya
{
    /// <summary>What a round trip was measured with.</summary>
    public enum RoundTripSource
    {
        /// <summary>Heartbeats that the server returns: the network alone.</summary>
        Heartbeat = 1,
        /// <summary>The fastest of the latest requests, with its handler.</summary>
        Requests = 2,
    }

    /// <summary>The smoothed round trip to the server.</summary>
    public struct RoundTrip
    {
        internal RoundTrip(ulong micros, uint source)
        {
            Time = TimeSpan.FromTicks((long)Math.Min(micros, (ulong)(long.MaxValue / 10)) * 10);
            Source = (RoundTripSource)source;
        }

        /// <summary>How long it takes.</summary>
        public TimeSpan Time { get; }

        /// <summary>What it was measured with.</summary>
        public RoundTripSource Source { get; }
    }
}
