#if !UNITY_WEBGL || UNITY_EDITOR
using System;
using Pitaya.Native;

namespace Pitaya
{
    /// <summary>How much a line for a log matters.</summary>
    public enum LogLevel
    {
        /// <summary>Every step.</summary>
        Trace = 1,
        /// <summary>Connections and states.</summary>
        Debug = 2,
        /// <summary>What happens rarely.</summary>
        Info = 3,
        /// <summary>What may be wrong.</summary>
        Warn = 4,
        /// <summary>What is wrong.</summary>
        Error = 5,
    }

    /// <summary>A line for a log.</summary>
    public struct LogLine
    {
        internal LogLine(LogLevel level, string message, ulong missed)
        {
            Level = level;
            Message = message;
            Missed = missed;
        }

        /// <summary>How much it matters.</summary>
        public LogLevel Level { get; }

        /// <summary>What it says, cut to 1,024 bytes.</summary>
        public string Message { get; }

        /// <summary>How many lines before it were dropped because they were not read in time.</summary>
        public ulong Missed { get; }
    }

    /// <summary>
    /// What all clients of this process do, from the moment of asking. Read it once per frame; at most 256 lines wait. There is none in WebGL.
    /// </summary>
    public sealed unsafe class PitayaLog : IDisposable
    {
        private const int LongestLine = 1024;
        private readonly byte[] _text = new byte[LongestLine];
        private readonly ulong _log;

        /// <summary>Wants lines of this level and above.</summary>
        public PitayaLog(LogLevel level = LogLevel.Debug)
        {
            ulong log;
            NativeMethods.Check(NativeMethods.pitaya_log_open((uint)level, &log));
            _log = log;
        }

        /// <summary>Lets go of a log that was not disposed.</summary>
        ~PitayaLog()
        {
            Close();
        }

        /// <summary>The next line, where there is one.</summary>
        public bool TryRead(out LogLine line)
        {
            uint level;
            UIntPtr length;
            ulong missed;
            lock (_text)
            {
                fixed (byte* text = _text)
                {
                    var found = NativeMethods.pitaya_log_next(_log, &level, text, (UIntPtr)LongestLine, &length, &missed);
                    NativeMethods.Check(found);
                    line = found == 0 ? default(LogLine) : new LogLine((LogLevel)level, Utf8.Read((IntPtr)text, (int)length), missed);
                    return found != 0;
                }
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Close();
            GC.SuppressFinalize(this);
        }

        private void Close()
        {
            NativeMethods.pitaya_log_close(_log);
        }
    }
}
#endif
