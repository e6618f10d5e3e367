package dev.pitaya.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import uniffi.pitaya.State as NativeState

/** Where a client stands. */
public sealed interface State {
    /** Not started yet. */
    public data object Idle : State

    /** The first connection is being made. */
    public data object Connecting : State

    /** Messages go both ways. */
    public data object Connected : State

    /** The connection was lost, or the first one failed where that is retried, and it is tried again. */
    public data class Reconnecting(
        /** Which attempt comes or is being made, from 1. */
        val attempt: Int,
        /** When it starts, from the moment of the change; null while it is being made. Pausing and being offline put it off. */
        val nextIn: Duration?,
        /** Why the last connection or attempt ended. */
        val cause: CloseReason,
    ) : State

    /** There is no connection and this client will make none. */
    public data class Closed(
        /** How the last connection or attempt ended. */
        val reason: CloseReason,
        /** Whether the client would have come back and had no attempt left; otherwise the end itself was final. */
        val exhausted: Boolean,
    ) : State
}

internal fun NativeState.toKotlin(): State = when (this) {
    is NativeState.Idle -> State.Idle
    is NativeState.Connecting -> State.Connecting
    is NativeState.Connected -> State.Connected
    is NativeState.Reconnecting -> State.Reconnecting(attempt.toInt(), nextInMs?.toLong()?.milliseconds, cause.toKotlin())
    is NativeState.Closed -> State.Closed(reason.toKotlin(), exhausted)
}
