package dev.pitaya.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import uniffi.pitaya.Offline

/** What becomes of a call while there is no connection. */
public sealed interface Queue {
    /** It fails at once. */
    public data object Fail : Queue

    /** It waits for the connection, within these limits. */
    public data class Wait(
        /** Most calls that wait. */
        val items: Int = 64,
        /** Most bytes of routes and bodies that wait. */
        val bytes: Int = 65_536,
        /** How long it waits at most. */
        val age: Duration = 30.seconds,
    ) : Queue {
        init {
            require(items >= 0 && bytes >= 0 && !age.isNegative()) { "a limit is not negative: $this" }
        }
    }

    /** It waits, and takes the place of the older call of the same kind, route and [key], which fails as superseded. */
    public data class LatestOnly(
        /** Tells the values of one route apart. */
        val key: String = "",
    ) : Queue
}

internal fun Queue.toNative(): Offline = when (this) {
    is Queue.Fail -> Offline.Fail
    is Queue.Wait -> Offline.Wait(items.toUInt(), bytes.toUInt(), age.toMillis("an age"))
    is Queue.LatestOnly -> Offline.LatestOnly(key)
}

/** A time as the library takes it: at least a millisecond where it is not nothing. */
internal fun Duration.toMillis(what: String): ULong {
    require(!isNegative()) { "$what is not negative: $this" }
    val whole = inWholeMilliseconds
    return (if (whole == 0L && this > Duration.ZERO) 1L else whole).toULong()
}
