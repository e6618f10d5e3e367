using System;

namespace Pitaya
{
    /// <summary>Which side ended a connection.</summary>
    public enum Origin
    {
        /// <summary>This program.</summary>
        Local = 0,
        /// <summary>The server.</summary>
        Peer = 1,
        /// <summary>This library, because the server broke the protocol or a limit.</summary>
        Fault = 2,
        /// <summary>Nobody: the transport failed.</summary>
        Transport = 3,
    }

    /// <summary>Why no connection could be opened.</summary>
    public enum ConnectFailure
    {
        /// <summary>One was opened.</summary>
        None = 0,
        /// <summary>No server was reached: no network, no such name, nobody listens there, or not in time.</summary>
        Unreachable = 14,
        /// <summary>What listens there does not speak WebSocket, or does not want to.</summary>
        Upgrade = 15,
        /// <summary>The TLS handshake failed, but not for the server's certificate.</summary>
        Tls = 16,
        /// <summary>The server's certificate is not trusted: its issuer, its name or its dates.</summary>
        Certificate = 17,
        /// <summary>The server's certificate is trusted, but its public key is none of <see cref="Pitaya.Tls.Pins"/>.</summary>
        Pin = 18,
    }

    /// <summary>How a connection ended, and what is advised to do next.</summary>
    public sealed class CloseReason
    {
        internal CloseReason(int code, string reason, Origin origin, bool kicked, bool reconnect, TimeSpan? retryAfter, string endpoint, ConnectFailure failure)
        {
            Code = code;
            Reason = reason;
            Origin = origin;
            Kicked = kicked;
            Reconnect = reconnect;
            RetryAfter = retryAfter;
            Endpoint = endpoint;
            Failure = failure;
        }

        /// <summary>
        /// 0 to 99: on purpose; 100 to 399: by circumstances, the client comes back; 400 to 499: the protocol was broken; 500 to 899: the
        /// server does not want this client; 900 to 999: the application's own.
        /// </summary>
        public int Code { get; }

        /// <summary>Text for people.</summary>
        public string Reason { get; }

        /// <summary>Which side ended it.</summary>
        public Origin Origin { get; }

        /// <summary>Whether the server threw this client out or refused it.</summary>
        public bool Kicked { get; }

        /// <summary>Whether an end like this is one that the client comes back from by itself.</summary>
        public bool Reconnect { get; }

        /// <summary>How long the server asks to stay away; null where it does not.</summary>
        public TimeSpan? RetryAfter { get; }

        /// <summary>Where the server says to come back to; null where it does not.</summary>
        public string Endpoint { get; }

        /// <summary>Where no connection could be opened: why.</summary>
        public ConnectFailure Failure { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Reason.Length == 0 ? "close code " + Code : Reason + " (" + Code + ")";
        }
    }
}
