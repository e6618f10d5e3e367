using System;
using System.Collections.Generic;
using System.Linq;

namespace Pitaya.Native
{
    /// <summary>Settings in the library's form. What is not set keeps the library's default.</summary>
    internal static class OptionsWriter
    {
        internal static unsafe NativeOptions Write(IEnumerable<string> endpoints, PitayaOptions from, Pinned pinned)
        {
            NativeOptions to;
            NativeMethods.Check(NativeMethods.pitaya_options_init(&to));
            to.Endpoints = pinned.Lines(endpoints?.Select(OneLine));
            to.UserJson = pinned.Text(from.UserJson);
            to.AppVersion = pinned.Text(from.ClientInfo.Version);
            to.AppBuild = pinned.Text(from.ClientInfo.Build);
            to.Platform = pinned.Text(from.ClientInfo.Platform);
            to.Headers = pinned.Lines(from.Headers?.Select(Header));
            to.TlsRootsPem = pinned.Text(from.Tls.RootsPem);
            to.TlsPins = pinned.Lines(from.Tls.Pins?.Select(OneLine));
            to.TlsIdentityChainPem = pinned.Text(from.Tls.IdentityChainPem);
            to.TlsIdentityKeyPem = pinned.Text(from.Tls.IdentityKeyPem);
            Set(ref to.ConnectTimeoutMs, from.ConnectTimeout);
            Set(ref to.RaceMs, from.Race);
            Set(ref to.HandshakeTimeoutMs, from.HandshakeTimeout);
            Set(ref to.RequestTimeoutMs, from.RequestTimeout);
            Set(ref to.ReconnectBaseMs, from.Reconnect.Base);
            Set(ref to.ReconnectMaxMs, from.Reconnect.Max);
            Set(ref to.ReconnectStableMs, from.Reconnect.Stable);
            Set(ref to.ReconnectAttempts, from.Reconnect.Attempts);
            Set(ref to.ReconnectJitterPercent, from.Reconnect.JitterPercent);
            to.RetryFirst = from.Reconnect.First ? 1u : 0;
            to.HoldQueue = from.HoldQueue ? 1u : 0;
            to.Serializers = (uint)from.Codec.Serializers;
            to.Capabilities = (uint)from.Capabilities;
            Set(ref to.MaxInFlight, from.Limits.InFlight);
            Set(ref to.QueueItems, from.Limits.QueueItems);
            Set(ref to.QueueBytes, from.Limits.QueueBytes);
            Set(ref to.MaxPacket, from.Limits.PacketBytes);
            Set(ref to.MaxInflated, from.Limits.InflatedBytes);
            Set(ref to.PushItems, from.Limits.Pushes);
            Set(ref to.PushBytes, from.Limits.PushBytes);
            return to;
        }

        /// <summary>A time as the library takes it: whole milliseconds, and <see cref="TimeSpan.MaxValue"/> never comes.</summary>
        internal static ulong Milliseconds(TimeSpan time)
        {
            if (time < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(time), "a time is not negative: " + time);
            return time == TimeSpan.MaxValue ? NativeMethods.Never : (ulong)Math.Ceiling(time.TotalMilliseconds);
        }

        private static void Set(ref ulong member, TimeSpan? time)
        {
            if (time.HasValue) member = Milliseconds(time.Value);
        }

        private static void Set(ref uint member, int? number)
        {
            if (number < 0) throw new ArgumentOutOfRangeException(nameof(number), "a limit is not negative: " + number);
            if (number.HasValue) member = (uint)number.Value;
        }

        private static string Header(KeyValuePair<string, string> header)
        {
            return OneLine(header.Key) + ": " + OneLine(header.Value);
        }

        /// <summary>Lists are handed over one entry a line: an entry with two would be two.</summary>
        private static string OneLine(string text)
        {
            return text.IndexOf('\n') < 0 ? text : throw new ArgumentException("a line break in: " + text);
        }
    }
}
