package dev.pitaya.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import uniffi.pitaya.Failure
import uniffi.pitaya.FailureKind
import uniffi.pitaya.InternalException as NativeFault
import uniffi.pitaya.PitayaException as NativeException

/** What everything that this library throws has in common. A cancelled coroutine throws `CancellationException`, as ever. */
public sealed class PitayaException(
    /** What programs tell failures apart by; see each class. */
    public val code: String,
    message: String,
    /** Whether the same may work later, without a change of what was asked. */
    public val retryable: Boolean,
    /** Whether the message may have reached the server, which may have acted on it. */
    public val sent: Boolean,
    cause: Throwable?,
) : Exception(message, cause)

/** The server answered a request with an error. [code] is the server's: `PIT-404`, for example, is a route that it does not have. */
public class ServerException internal constructor(
    code: String,
    failure: Failure,
    /** What the server says besides, by name. */
    public val metadata: Map<String, String>,
) : PitayaException(code, failure.message, failure.retryable, failure.sent, null)

/** No answer came in time; one that comes later is dropped. The code is `timeout`. */
public class RequestTimeoutException internal constructor(
    failure: Failure,
    /** The time that it had. */
    public val after: Duration,
) : PitayaException("timeout", failure.message, failure.retryable, failure.sent, null)

/** The connection ended before the answer came. The code is `disconnected`. */
public class DisconnectedException internal constructor(
    failure: Failure,
    /** How it ended. */
    public val reason: CloseReason,
) : PitayaException("disconnected", failure.message, failure.retryable, failure.sent, null)

/**
 * The message was never given to the network.
 *
 * The code says why: `not-connected`; `queue-full` and `expired` for one that was to wait for the connection; `superseded` by a later one under
 * [Queue.LatestOnly]; `too-large` for a body over 16,777,215 bytes; `route` for one that is malformed or over 255 bytes; `encode` for a body that
 * cannot be written, with the reason as [cause].
 */
public class NotSentException internal constructor(code: String, message: String, retryable: Boolean, cause: Throwable? = null) :
    PitayaException(code, message, retryable, false, cause)

/** The body of an answer or a push cannot be read. The code is `decode`. */
public class DecodeException internal constructor(message: String, cause: Throwable? = null) :
    PitayaException("decode", message, false, true, cause)

/**
 * There will be no connection.
 *
 * The code says why: `url` for an address that is none; `user` for a `user` that is no JSON object; `settings` for another option;
 * `unreachable`; `refused` by the server; `closed` for a connection that ended otherwise before it was usable.
 */
public class ConnectException internal constructor(
    code: String,
    failure: Failure,
    /** How the connection ended, if there was one. */
    public val reason: CloseReason?,
    /** What went wrong at each address, with `unreachable`. */
    public val endpoints: List<EndpointFailure>,
    cause: Throwable?,
) : PitayaException(code, failure.message, failure.retryable, failure.sent, cause)

/** A fault of this library. The code is `internal`. */
public class InternalException internal constructor(message: String, cause: Throwable?) :
    PitayaException("internal", message, false, true, cause)

/** What went wrong at one of the addresses. */
public data class EndpointFailure(val endpoint: String, val message: String, val retryable: Boolean)

/** A call into the library, its failures as this package's. */
internal inline fun <T> native(cause: () -> Throwable? = { null }, call: () -> T): T = try {
    call()
} catch (failed: NativeException.Failed) {
    throw failed.failure.toException(cause())
} catch (fault: NativeFault) {
    throw InternalException(fault.message ?: "a fault of the library", fault)
}

internal fun Failure.toException(cause: Throwable?): PitayaException = when (kind) {
    FailureKind.SERVER -> ServerException(server?.code.orEmpty(), this, server?.metadata.orEmpty())
    FailureKind.TIMEOUT -> RequestTimeoutException(this, (afterMs ?: 0u).toLong().milliseconds)
    FailureKind.DISCONNECTED -> close?.let { DisconnectedException(this, it.toKotlin()) } ?: InternalException(message, cause)
    FailureKind.NOT_CONNECTED -> NotSentException("not-connected", message, retryable)
    FailureKind.QUEUE_FULL -> NotSentException("queue-full", message, retryable)
    FailureKind.EXPIRED -> NotSentException("expired", message, retryable)
    FailureKind.SUPERSEDED -> NotSentException("superseded", message, retryable)
    FailureKind.TOO_LARGE -> NotSentException("too-large", message, retryable)
    FailureKind.ROUTE -> NotSentException("route", message, retryable)
    FailureKind.DECODE -> DecodeException(message)
    FailureKind.URL -> toConnectException("url", cause)
    FailureKind.USER -> toConnectException("user", cause)
    FailureKind.SETTINGS -> toConnectException("settings", cause)
    FailureKind.UNREACHABLE -> toConnectException("unreachable", cause)
    FailureKind.REFUSED -> toConnectException("refused", cause)
    FailureKind.CLOSED -> toConnectException("closed", cause)
    // No call here is given a handle to cancel it with: coroutines drop it.
    FailureKind.CANCELLED, FailureKind.INTERNAL -> InternalException(message, cause)
}

private fun Failure.toConnectException(code: String, cause: Throwable?) = ConnectException(
    code,
    this,
    close?.toKotlin(),
    endpoints.map { EndpointFailure(it.endpoint, it.message, it.retryable) },
    cause,
)
