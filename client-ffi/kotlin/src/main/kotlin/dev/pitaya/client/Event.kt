package dev.pitaya.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds
import uniffi.pitaya.Event as NativeEvent
import uniffi.pitaya.RoundTrip as NativeRoundTrip
import uniffi.pitaya.RoundTripSource as NativeSource

/** What happens to a client beside answers and pushes. */
public sealed interface Event {
    /** It is in another state. */
    public data class StateChanged(val state: State) : Event

    /** A push came on a route that nobody reads. */
    public data class Unhandled(val route: String) : Event

    /** An answer came that no request waits for: [late], as its request had timed out or was cancelled, or made up by the server. */
    public data class Unmatched(val late: Boolean) : Event

    /** The round trip was measured anew. */
    public data class Measured(val rtt: RoundTrip) : Event

    /** The reader was too slow: [count] events, all older than the next one, were dropped. */
    public data class Missed(val count: Long) : Event
}

/** The smoothed round trip to the server. */
public data class RoundTrip(
    val time: Duration,
    /** What it was measured with. */
    val source: Source,
) {
    /** What a round trip is measured with. */
    public enum class Source {
        /** Heartbeats that the server returns: the network alone. */
        Heartbeat,

        /** The fastest of the latest requests: the network and the fastest handler. */
        Requests,
    }
}

/** How many answers came that no request waited for. */
public data class UnmatchedAnswers(
    /** Their requests had timed out or were cancelled. */
    val late: Long = 0,
    /** The server made them up. */
    val unknown: Long = 0,
)

internal fun NativeRoundTrip.toKotlin(): RoundTrip = RoundTrip(
    micros.toLong().microseconds,
    if (source == NativeSource.HEARTBEAT) RoundTrip.Source.Heartbeat else RoundTrip.Source.Requests,
)

/** Null for an event that this library has no name for. */
internal fun NativeEvent.toKotlin(): Event? = when (this) {
    is NativeEvent.State -> Event.StateChanged(state.toKotlin())
    is NativeEvent.Unhandled -> Event.Unhandled(route)
    is NativeEvent.Unmatched -> Event.Unmatched(late)
    is NativeEvent.RoundTrip -> Event.Measured(rtt.toKotlin())
    is NativeEvent.Lagged -> Event.Missed(missed.toLong())
    is NativeEvent.Other -> null
}
