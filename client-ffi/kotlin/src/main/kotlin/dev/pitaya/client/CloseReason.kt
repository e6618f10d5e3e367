package dev.pitaya.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import uniffi.pitaya.CloseReason as NativeCloseReason
import uniffi.pitaya.Origin as NativeOrigin

/** How a connection ended, and what is advised to do next. */
public data class CloseReason(
    /**
     * 0 to 99: on purpose; 100 to 399: by circumstances, the client comes back; 400 to 499: the protocol was broken; 500 to 899: the server does
     * not want this client; 900 to 999: the application's own.
     */
    val code: Int,
    /** Text for people. */
    val reason: String,
    /** Which side ended it. */
    val origin: Origin,
    /** Whether the server threw this client out or refused it. */
    val kicked: Boolean,
    /** Whether the client comes back by itself. */
    val reconnect: Boolean,
    /** How long the server asks to stay away. */
    val retryAfter: Duration?,
    /** Where the server says to come back to. */
    val endpoint: String?,
)

/** Which side ended a connection. */
public enum class Origin {
    /** This program. */
    Local,

    /** The server. */
    Peer,

    /** This library, because the server broke the protocol or a limit. */
    Fault,

    /** Nobody: the transport failed. */
    Transport,
}

internal fun NativeCloseReason.toKotlin(): CloseReason = CloseReason(
    code = code.toInt(),
    reason = reason,
    origin = when (origin) {
        NativeOrigin.LOCAL -> Origin.Local
        NativeOrigin.PEER -> Origin.Peer
        NativeOrigin.FAULT -> Origin.Fault
        NativeOrigin.TRANSPORT -> Origin.Transport
    },
    kicked = kicked,
    reconnect = reconnect,
    retryAfter = retryAfterMs?.toLong()?.milliseconds,
    endpoint = endpoint,
)
