package dev.pitaya.client

import kotlin.math.roundToInt
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import uniffi.pitaya.ReconnectOptions
import uniffi.pitaya.TlsOptions

/** What belongs to the block of [PitayaClient.connect]. */
@DslMarker
public annotation class PitayaDsl

/** When and how often to come back: after a random time of at most [base], then twice that, up to [max]. */
@PitayaDsl
public class Reconnect internal constructor() {
    /** Most time before the first attempt. */
    public var base: Duration = 500.milliseconds

    /** Most time before any attempt. */
    public var max: Duration = 30.seconds

    /** Share of each time that is random, from 0 to 1. */
    public var jitter: Double = 1.0

    /** Attempts in a row: null is without end, 0 never comes back. */
    public var attempts: Int? = null

    /** How long a connection must have been open for attempts to count anew. */
    public var stable: Duration = 10.seconds

    /** Whether a first connection that fails is tried again. */
    public var first: Boolean = false

    internal fun toNative(): ReconnectOptions {
        require(jitter in 0.0..1.0) { "jitter is a share from 0 to 1: $jitter" }
        return ReconnectOptions(
            baseMs = base.toMillis("a time"),
            maxMs = max.toMillis("a time"),
            jitterPercent = (jitter * 100).roundToInt().toUByte(),
            attempts = attempts.toLimit("attempts"),
            stableMs = stable.toMillis("a time"),
        )
    }
}

/** Whom to trust over `tls://` and `wss://`, and who the client says it is. The host name is always checked. */
@PitayaDsl
public class Tls internal constructor() {
    /** Trusts these certificates instead of the operating system's. */
    public var rootsPem: ByteArray? = null

    /** Also demands that the server's public key is one of these: `sha256/` and 44 characters of base64. */
    public var pins: List<String> = emptyList()

    /** A certificate chain to show to servers that ask for one, the own first; with [identityKeyPem]. */
    public var identityChainPem: ByteArray? = null

    /** The private key of [identityChainPem]. */
    public var identityKeyPem: ByteArray? = null

    internal fun toNative() = TlsOptions(rootsPem, pins, identityChainPem, identityKeyPem)
}

/** What the handshake says of the application. */
@PitayaDsl
public class ClientInfo internal constructor() {
    public var version: String? = null
    public var build: String? = null

    /** Null is the operating system. */
    public var platform: String? = null
}

/** Most of everything; null is the library's default, which each says. */
@PitayaDsl
public class Limits internal constructor() {
    /** Requests without an answer at a time: 1,024. */
    public var inFlight: Int? = null

    /** Calls that wait for a connection in all: 1,024. */
    public var queueItems: Int? = null

    /** Bytes of calls that wait for a connection in all: 262,144. */
    public var queueBytes: Int? = null

    /** Longest packet body that is taken: 16,777,215, the most that the wire can say. */
    public var packetBytes: Int? = null

    /** Longest inflated body that is taken: 4 MiB. */
    public var inflatedBytes: Int? = null

    /** Pushes that wait to be read, of each reader: 256. */
    public var pushBuffer: Int? = null

    /** Bytes of pushes that wait to be read, of each reader: 4 MiB. */
    public var pushBufferBytes: Int? = null
}

internal fun Int?.toLimit(what: String): UInt? = this?.let {
    require(it >= 0) { "$what: a limit is not negative: $it" }
    it.toUInt()
}
