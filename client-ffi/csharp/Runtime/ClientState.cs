using System;

namespace Pitaya
{
    /// <summary>What <see cref="ClientState.Kind"/> says.</summary>
    public enum StateKind
    {
        /// <summary>No connection was wanted yet.</summary>
        Idle = 0,
        /// <summary>The first connection is being made.</summary>
        Connecting = 1,
        /// <summary>Messages go both ways.</summary>
        Connected = 2,
        /// <summary>The connection was lost and is tried again.</summary>
        Reconnecting = 3,
        /// <summary>There is no connection and this client will make none.</summary>
        Closed = 4,
    }

    /// <summary>Where a client stands.</summary>
    public sealed class ClientState
    {
        internal static readonly ClientState Idle = new ClientState(StateKind.Idle);
        internal static readonly ClientState Connecting = new ClientState(StateKind.Connecting);
        internal static readonly ClientState Connected = new ClientState(StateKind.Connected);

        internal ClientState(StateKind kind, CloseReason reason = null, int attempt = 0, TimeSpan? nextAttempt = null, bool exhausted = false)
        {
            Kind = kind;
            Reason = reason;
            Attempt = attempt;
            NextAttempt = nextAttempt;
            Exhausted = exhausted;
        }

        /// <summary>Which state it is.</summary>
        public StateKind Kind { get; }

        /// <summary>Reconnecting and closed: why the last connection or attempt ended. Null otherwise.</summary>
        public CloseReason Reason { get; }

        /// <summary>Reconnecting: which attempt to come back this is, from 1.</summary>
        public int Attempt { get; }

        /// <summary>
        /// Reconnecting: in how long it starts, counted from the event; null while it is being made. Pausing and being offline put it off.
        /// </summary>
        public TimeSpan? NextAttempt { get; }

        /// <summary>Closed: whether the client would have come back and had no attempt left; otherwise the end itself was final.</summary>
        public bool Exhausted { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Reason == null ? Kind.ToString() : Kind + ": " + Reason;
        }
    }
}
