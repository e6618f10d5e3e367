using System;
using System.Collections.Generic;

namespace Pitaya.Native
{
    /// <summary>What events mean.</summary>
    internal static class Reading
    {
        internal static ClientState State(ref NativeEvent of)
        {
            switch ((StateKind)of.State)
            {
                case StateKind.Connecting: return ClientState.Connecting;
                case StateKind.Connected: return ClientState.Connected;
                case StateKind.Reconnecting:
                    return new ClientState(StateKind.Reconnecting, Close(ref of), (int)of.Attempt, Time(of.TimeUs));
                case StateKind.Closed:
                    return new ClientState(StateKind.Closed, Close(ref of), exhausted: Has(ref of, Flag.Exhausted));
                default: return ClientState.Idle;
            }
        }

        internal static CloseReason Close(ref NativeEvent of)
        {
            var endpoint = Utf8.Read(of.Detail);
            return new CloseReason(
                (int)of.Code,
                Utf8.Read(of.Text),
                (Origin)of.Origin,
                Has(ref of, Flag.Kicked),
                Has(ref of, Flag.Retryable),
                Time(of.RetryAfterUs),
                endpoint.Length == 0 ? null : endpoint,
                of.Kind == EventKind.State ? (ConnectFailure)of.Status : ConnectFailure.None);
        }

        /// <summary>The exception for a call that has failed.</summary>
        internal static Exception Failure(ref NativeEvent of)
        {
            bool sent = Has(ref of, Flag.Sent), retryable = Has(ref of, Flag.Retryable);
            var text = Utf8.Read(of.Text);
            switch (of.Status)
            {
                case CallError.Server:
                    IReadOnlyDictionary<string, string> metadata = StringMap.Read(Utf8.Read(of.Detail));
                    return new ServerException(Utf8.Read(of.Name), text, metadata, retryable);
                case CallError.Timeout: return new RequestTimeoutException(text, Time(of.TimeUs) ?? TimeSpan.MaxValue, sent, retryable);
                case CallError.Disconnected: return new DisconnectedException(text, Close(ref of), sent, retryable);
                case CallError.Inflate:
                case CallError.Decode: return new DecodeException(text);
                default: return NotSent(of.Status, text, retryable);
            }
        }

        internal static Exception NotSent(int status, string text, bool retryable)
        {
            switch (status)
            {
                case CallError.NotConnected: return new NotSentException("not-connected", text, retryable);
                case CallError.QueueFull: return new NotSentException("queue-full", text, retryable);
                case CallError.Expired: return new NotSentException("expired", text, retryable);
                case CallError.Superseded: return new NotSentException("superseded", text, retryable);
                case CallError.TooLarge: return new NotSentException("too-large", text, retryable);
                case CallError.Route: return new NotSentException("route", text, retryable);
                case CallError.Encode: return new NotSentException("encode", text, retryable);
                default: return new InternalException("a call has ended in a way that is not known: " + status);
            }
        }

        internal static DecodeException Unreadable(string route, Exception error)
        {
            return new DecodeException(route + " has an unreadable body: " + error.Message, error);
        }

        internal static bool Has(ref NativeEvent of, uint flag)
        {
            return (of.Flags & flag) != 0;
        }

        private static TimeSpan? Time(ulong micros)
        {
            if (micros == NativeMethods.Never) return null;
            return TimeSpan.FromTicks((long)Math.Min(micros, long.MaxValue / 10) * 10);
        }
    }
}
