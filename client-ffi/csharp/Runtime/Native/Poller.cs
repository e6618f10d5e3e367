using System;
using System.Threading;

namespace Pitaya.Native
{
    /// <summary>
    /// Calls a function again and again: posted to the synchronization context of the thread that made it, or on the thread pool where there is
    /// none. At most one call waits or runs at a time.
    /// </summary>
    internal sealed class Poller : IDisposable
    {
        private readonly Action _poll;
        private readonly SynchronizationContext _context;
        private readonly SendOrPostCallback _posted;
        private volatile bool _stopped;
#if !UNITY_5_3_OR_NEWER
        private readonly Timer _timer;
        private int _busy;
#endif

        internal Poller(Action poll, TimeSpan interval)
        {
            _poll = poll;
            _context = SynchronizationContext.Current;
            _posted = Run;
#if UNITY_5_3_OR_NEWER
            // Unity's context runs what was posted once per frame, and what is posted meanwhile in the next one: also where there are no threads.
            if (_context == null) throw new InvalidOperationException("start the client on the main thread, or poll it by hand (Pump.Manual)");
            _context.Post(_posted, null);
#else
            _timer = new Timer(Tick, null, interval, interval);
#endif
        }

        /// <summary>Whether the calls come from the thread pool, where nobody may be held up.</summary>
        internal bool OnThreadPool => _context == null;

        public void Dispose()
        {
            _stopped = true;
#if !UNITY_5_3_OR_NEWER
            _timer.Dispose();
#endif
        }

#if UNITY_5_3_OR_NEWER
        private void Run(object nothing)
        {
            if (_stopped) return;
            _context.Post(_posted, null);
            _poll();
        }
#else
        private void Tick(object nothing)
        {
            if (_stopped || Interlocked.Exchange(ref _busy, 1) != 0) return;
            if (_context == null) Run(null);
            else _context.Post(_posted, null);
        }

        private void Run(object nothing)
        {
            try
            {
                if (!_stopped) _poll();
            }
            finally
            {
                Volatile.Write(ref _busy, 0);
            }
        }
#endif
    }
}
