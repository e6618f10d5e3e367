using System;
using System.Collections.Generic;

namespace Pitaya
{
    /// <summary>
    /// What everything that this library throws has in common. A call that was cancelled throws <see cref="OperationCanceledException"/>, and
    /// a client that was disposed <see cref="ObjectDisposedException"/>, as ever.
    /// </summary>
    public abstract class PitayaException : Exception
    {
        internal PitayaException(string code, string message, bool sent, bool retryable, Exception inner = null) : base(message, inner)
        {
            Code = code;
            Sent = sent;
            Retryable = retryable;
        }

        /// <summary>What programs tell errors apart by; each class says which there are.</summary>
        public string Code { get; }

        /// <summary>Whether the message may have reached the server, which may have acted on it.</summary>
        public bool Sent { get; }

        /// <summary>Whether the same may work later, without a change of what was asked.</summary>
        public bool Retryable { get; }
    }

    /// <summary>The server answered a request with an error. <see cref="PitayaException.Code"/> is <c>server</c>.</summary>
    public sealed class ServerException : PitayaException
    {
        internal ServerException(string serverCode, string message, IReadOnlyDictionary<string, string> metadata, bool retryable)
            : base("server", message, true, retryable)
        {
            ServerCode = serverCode;
            Metadata = metadata;
        }

        /// <summary>The server's code: <c>PIT-404</c>, for example, is a route that it does not have.</summary>
        public string ServerCode { get; }

        /// <summary>What the server says besides, by name.</summary>
        public IReadOnlyDictionary<string, string> Metadata { get; }
    }

    /// <summary>No answer came in time; one that comes later is dropped. The code is <c>timeout</c>.</summary>
    public sealed class RequestTimeoutException : PitayaException
    {
        internal RequestTimeoutException(string message, TimeSpan after, bool sent, bool retryable) : base("timeout", message, sent, retryable)
        {
            After = after;
        }

        /// <summary>The time that it had.</summary>
        public TimeSpan After { get; }
    }

    /// <summary>The connection ended before the answer came. The code is <c>disconnected</c>.</summary>
    public sealed class DisconnectedException : PitayaException
    {
        internal DisconnectedException(string message, CloseReason reason, bool sent, bool retryable)
            : base("disconnected", message, sent, retryable)
        {
            CloseReason = reason;
        }

        /// <summary>How it ended.</summary>
        public CloseReason CloseReason { get; }
    }

    /// <summary>
    /// The message was never given to the network. The code says why: <c>not-connected</c>; <c>queue-full</c> and <c>expired</c> for one that was
    /// to wait for the connection; <c>superseded</c> by a later one under <see cref="Queue.Latest"/>; <c>too-large</c> for a body over 16,777,215
    /// bytes; <c>route</c> for one that is malformed or over 255 bytes; <c>encode</c> for a body that the codec cannot write, with its exception
    /// as the inner one.
    /// </summary>
    public sealed class NotSentException : PitayaException
    {
        internal NotSentException(string code, string message, bool retryable, Exception inner = null) : base(code, message, false, retryable, inner)
        {
        }
    }

    /// <summary>The body of an answer or a push cannot be read. The code is <c>decode</c>.</summary>
    public sealed class DecodeException : PitayaException
    {
        internal DecodeException(string message, Exception inner = null) : base("decode", message, true, false, inner)
        {
        }
    }

    /// <summary>
    /// There is no connection and there will be none. The code says why: <c>settings</c> for an address or an option that cannot be used;
    /// <c>user</c> for a user function that failed, with its exception as the inner one; <c>unreachable</c>; <c>refused</c> by the server;
    /// <c>closed</c> for a connection that ended otherwise before it was usable.
    /// </summary>
    public sealed class ConnectException : PitayaException
    {
        internal ConnectException(string code, string message, bool retryable, CloseReason reason, Exception inner = null)
            : base(code, message, false, retryable, inner)
        {
            CloseReason = reason;
        }

        /// <summary>How the last attempt ended; null where there was none.</summary>
        public CloseReason CloseReason { get; }
    }

    /// <summary>A fault of this library. The code is <c>internal</c>; the client should be disposed, the program can go on.</summary>
    public sealed class InternalException : PitayaException
    {
        internal InternalException(string message) : base("internal", message, false, false)
        {
        }
    }
}
