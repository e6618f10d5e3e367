package dev.pitaya.client

import java.util.concurrent.atomic.AtomicLong
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import uniffi.pitaya.LogLevel
import uniffi.pitaya.Push
import uniffi.pitaya.openLogs
import uniffi.pitaya.Events as NativeEvents
import uniffi.pitaya.Logs as NativeLogs
import uniffi.pitaya.Subscription as NativeSubscription

/**
 * The pushes of one route, from the moment of asking until the client is closed. It outlives reconnects.
 *
 * A bounded number waits to be read: the oldest make room for the newest and are counted in [missed]. Each push is for one collector; whoever
 * collects again goes on where the last one stopped. A body that cannot be read ends the collector with a [DecodeException], not the stream.
 */
public class Pushes<T> internal constructor(
    /** The route. */
    public val route: String,
    private val source: NativeSubscription,
    private val dropped: AtomicLong,
    flow: Flow<T>,
) : Flow<T> by flow, AutoCloseable {
    /** How many pushes were dropped because they were not read in time, so far. */
    public val missed: Long get() = dropped.get()

    /** Ends its collectors, and lets go of what waits. */
    override fun close() {
        source.stop()
    }

    internal companion object {
        fun <T> of(route: String, source: NativeSubscription, decode: (ByteArray) -> T): Pushes<T> {
            val dropped = AtomicLong()
            val flow = flow {
                while (true) {
                    when (val push = source.next() ?: break) {
                        is Push.Message -> emit(decode(push.body))
                        is Push.Lagged -> dropped.addAndGet(push.missed.toLong())
                    }
                }
            }
            return Pushes(route, source, dropped, flow)
        }
    }
}

/** What happens to a client, from the moment of asking until it is closed. At most 64 events wait to be read. Each is for one collector. */
public class Events internal constructor(private val source: NativeEvents) :
    Flow<Event> by flow({
        while (true) {
            val happened = source.next() ?: break
            happened.toKotlin()?.let { emit(it) }
        }
    }),
    AutoCloseable {
    /** Ends its collectors. */
    override fun close() {
        source.stop()
    }
}

/** A line for a log. */
public data class LogLine(
    val level: Level,
    /** Which part of the library says it. */
    val target: String,
    val message: String,
    /** How many lines before it were dropped because they were not read in time. */
    val missed: Long,
) {
    /** How important a line is. */
    public enum class Level {
        /** Every step. */
        Trace,

        /** Connections and states. */
        Debug,

        /** What happens rarely. */
        Info,

        /** What may be wrong. */
        Warn,

        /** What is wrong. */
        Error,
    }
}

/** What all clients of this process do, from the moment of asking. At most 256 lines wait to be read. Each is for one collector. */
public class Logs private constructor(private val source: NativeLogs) :
    Flow<LogLine> by flow({
        while (true) {
            val line = source.next() ?: break
            val level = LogLine.Level.entries[line.level.ordinal]
            emit(LogLine(level, line.target, line.message, line.missed.toLong()))
        }
    }),
    AutoCloseable {
    /** Lines of this [level] and above. */
    public constructor(level: LogLine.Level = LogLine.Level.Debug) : this(open(level))

    /** Ends its collectors. */
    override fun close() {
        source.stop()
    }

    private companion object {
        fun open(level: LogLine.Level): NativeLogs {
            Library.load()
            return native { openLogs(LogLevel.entries[level.ordinal]) }
        }
    }
}
