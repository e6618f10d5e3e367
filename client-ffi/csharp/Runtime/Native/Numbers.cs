namespace Pitaya.Native
{
    /// <summary>What the C functions return: 0, or what the caller did wrong.</summary>
    internal static class Status
    {
        internal const int Ok = 0;
        internal const int InvalidHandle = -2;
        internal const int InvalidUtf8 = -4;
        internal const int InvalidArgument = -5;
        internal const int Busy = -6;
        internal const int Panic = -7;
        internal const int BufferTooSmall = -9;
    }

    /// <summary>How a call has ended where that is not 0.</summary>
    internal static class CallError
    {
        internal const int Server = 1;
        internal const int Timeout = 2;
        internal const int Disconnected = 3;
        internal const int NotConnected = 4;
        internal const int QueueFull = 5;
        internal const int Expired = 6;
        internal const int Superseded = 7;
        internal const int TooLarge = 8;
        internal const int Route = 9;
        internal const int Encode = 10;
        internal const int Cancelled = 11;
        internal const int Inflate = 12;
        internal const int Decode = 13;
    }

    /// <summary>What an event tells of.</summary>
    internal static class EventKind
    {
        internal const uint State = 1;
        internal const uint Answer = 2;
        internal const uint Sent = 3;
        internal const uint Push = 4;
        internal const uint Unhandled = 5;
        internal const uint Unmatched = 6;
        internal const uint RoundTrip = 7;
        internal const uint HostConnect = 8;
        internal const uint HostDisconnect = 9;
    }

    /// <summary>The bits of <see cref="NativeEvent.Flags"/>.</summary>
    internal static class Flag
    {
        internal const uint Sent = 1;
        internal const uint Retryable = 2;
        internal const uint Exhausted = 4;
        internal const uint Kicked = 8;
        internal const uint Late = 16;
    }

    /// <summary>What a transport carries.</summary>
    internal static class Transport
    {
        internal const uint Stream = 1;
        internal const uint Messages = 2;
    }
}
