using System;

namespace Pitaya
{
    /// <summary>Settings of one call.</summary>
    public struct CallOptions
    {
        /// <summary>
        /// Time for the answer, with the time that the call may wait for a connection; null is <see cref="PitayaOptions.RequestTimeout"/>. A
        /// notify has none.
        /// </summary>
        public TimeSpan? Timeout { get; set; }

        /// <summary>What becomes of it while there is no connection; null is <see cref="PitayaOptions.Queue"/>.</summary>
        public Queue Queue { get; set; }
    }
}
