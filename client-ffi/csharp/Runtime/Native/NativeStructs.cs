using System;
using System.Runtime.InteropServices;

namespace Pitaya.Native
{
    /// <summary><c>PitayaBytes</c>: bytes somewhere.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeBytes
    {
        internal IntPtr Data;
        internal UIntPtr Length;
    }

    /// <summary><c>PitayaCall</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeCall
    {
        internal NativeBytes Route;
        internal NativeBytes Body;
        internal NativeBytes Key;
        internal ulong TimeoutMs;
        internal ulong QueueAgeMs;
        internal uint QueueItems;
        internal uint QueueBytes;
        internal uint Queue;
        internal uint Reserved;
    }

    /// <summary><c>PitayaEvent</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeEvent
    {
        internal uint Kind;
        internal int Status;
        internal ulong Call;
        internal uint State;
        internal uint Attempt;
        internal uint Code;
        internal uint Origin;
        internal uint Flags;
        internal uint Serializer;
        internal ulong TimeUs;
        internal ulong RetryAfterUs;
        internal ulong Missed;
        internal NativeBytes Name;
        internal NativeBytes Body;
        internal NativeBytes Text;
        internal NativeBytes Detail;
    }

    /// <summary><c>PitayaOptions</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeOptions
    {
        internal NativeBytes Endpoints;
        internal NativeBytes UserJson;
        internal NativeBytes AppVersion;
        internal NativeBytes AppBuild;
        internal NativeBytes Platform;
        internal NativeBytes Headers;
        internal NativeBytes TlsRootsPem;
        internal NativeBytes TlsPins;
        internal NativeBytes TlsIdentityChainPem;
        internal NativeBytes TlsIdentityKeyPem;
        internal ulong ConnectTimeoutMs;
        internal ulong RaceMs;
        internal ulong HandshakeTimeoutMs;
        internal ulong RequestTimeoutMs;
        internal ulong ReconnectBaseMs;
        internal ulong ReconnectMaxMs;
        internal ulong ReconnectStableMs;
        internal uint ReconnectAttempts;
        internal uint ReconnectJitterPercent;
        internal uint RetryFirst;
        internal uint HoldQueue;
        internal uint Serializers;
        internal uint PinnedSerializer;
        internal uint Capabilities;
        internal uint MaxInFlight;
        internal uint QueueItems;
        internal uint QueueBytes;
        internal uint MaxPacket;
        internal uint MaxInflated;
        internal uint PushItems;
        internal uint PushBytes;
    }
}
