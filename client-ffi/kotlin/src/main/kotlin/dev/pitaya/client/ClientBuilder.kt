package dev.pitaya.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.BinaryFormat
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.buildJsonObject
import uniffi.pitaya.ConnectOptions
import uniffi.pitaya.Header
import uniffi.pitaya.Client as NativeClient
import uniffi.pitaya.Serializer as NativeSerializer

/** What a client is made with: the receiver of the block of [PitayaClient.connect]. */
@PitayaDsl
public class ClientBuilder internal constructor(private val urls: List<String>) {
    /** How JSON is written and read. Default: what a newer server says besides is passed over. */
    public var json: Json = Json { ignoreUnknownKeys = true }

    /** How Protocol buffers are written and read: `ProtoBuf` of kotlinx-serialization-protobuf. Null: bodies of such servers are bytes. */
    public var protobuf: BinaryFormat? = null

    /** The serializers that the application has; a server with another one refuses it. Default: JSON, and Protocol buffers with [protobuf]. */
    public var serializers: Set<Serializer>? = null

    /** What becomes of calls without a connection, where a call does not say. */
    public var queue: Queue = Queue.Fail

    /** Time to open a connection. */
    public var timeout: Duration = 10.seconds

    /** Time from there to the server's handshake. */
    public var handshakeTimeout: Duration = 10.seconds

    /** Time for an answer where a request does not say. */
    public var requestTimeout: Duration = 10.seconds

    /** Head start of each address over the next. */
    public var race: Duration = 1.5.seconds

    /** Calls that waited leave at [PitayaClient.release] only. */
    public var holdQueue: Boolean = false

    /** Extensions of the wire that are offered; null is all. */
    public var capabilities: List<String>? = null

    private var userJson: JsonObject? = null
    private var makeUser: (suspend () -> JsonObject)? = null
    private var reconnect = Reconnect()
    private var tls: Tls? = null
    private var clientInfo = ClientInfo()
    private var limits = Limits()
    private val headers = mutableListOf<Header>()

    /** What the handshake says of the user. */
    public fun user(build: JsonObjectBuilder.() -> Unit) {
        userJson = buildJsonObject(build)
        makeUser = null
    }

    /** The same, made anew for each attempt, for example with a fresh token. What it throws fails the attempt. */
    public fun userForEachAttempt(make: suspend () -> JsonObject) {
        makeUser = make
        userJson = null
    }

    /** When and how often to come back. */
    public fun reconnect(configure: Reconnect.() -> Unit) {
        reconnect.configure()
    }

    /** Whom to trust; the operating system's certificates where nothing is said. */
    public fun tls(configure: Tls.() -> Unit) {
        tls = (tls ?: Tls()).apply(configure)
    }

    /** What the handshake says of the application. */
    public fun clientInfo(configure: ClientInfo.() -> Unit) {
        clientInfo.configure()
    }

    /** Most of everything. */
    public fun limits(configure: Limits.() -> Unit) {
        limits.configure()
    }

    /** A header of the HTTP request of `ws://` and `wss://`. */
    public fun header(name: String, value: String) {
        headers += Header(name, value)
    }

    internal fun start(): PitayaClient {
        Library.load()
        val options = options()
        val client = native { NativeClient.start(options) }
        val codecs = buildMap {
            put(Serializer.Json, Codec(json))
            protobuf?.let { put(Serializer.Protobuf, Codec(it)) }
        }
        return PitayaClient(client, Codecs(codecs, client), queue, makeUser)
    }

    private fun options() = ConnectOptions(
        endpoints = urls,
        serializers = (serializers ?: setOfNotNull(Serializer.Json, protobuf?.let { Serializer.Protobuf })).map {
            when (it) {
                Serializer.Json -> NativeSerializer.JSON
                Serializer.Protobuf -> NativeSerializer.PROTOBUF
            }
        },
        userJson = userJson?.toString(),
        userOnDemand = makeUser != null,
        appVersion = clientInfo.version,
        appBuild = clientInfo.build,
        platform = clientInfo.platform,
        capabilities = capabilities,
        tls = tls?.toNative(),
        headers = headers.toList(),
        connectTimeoutMs = timeout.toMillis("a time-out"),
        raceMs = race.toMillis("a head start"),
        handshakeTimeoutMs = handshakeTimeout.toMillis("a time-out"),
        requestTimeoutMs = requestTimeout.toMillis("a time-out"),
        reconnect = reconnect.toNative(),
        retryFirst = reconnect.first,
        holdQueue = holdQueue,
        maxInFlight = limits.inFlight.toLimit("inFlight"),
        queueItems = limits.queueItems.toLimit("queueItems"),
        queueBytes = limits.queueBytes.toLimit("queueBytes"),
        maxPacket = limits.packetBytes.toLimit("packetBytes"),
        maxInflated = limits.inflatedBytes.toLimit("inflatedBytes"),
        pushBuffer = limits.pushBuffer.toLimit("pushBuffer"),
        pushBufferBytes = limits.pushBufferBytes.toLimit("pushBufferBytes"),
    )
}
