package dev.pitaya.client

import kotlin.time.Duration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.serialization.DeserializationStrategy
import kotlinx.serialization.SerializationStrategy
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.serializer
import uniffi.pitaya.CallOptions
import uniffi.pitaya.Client as NativeClient

/**
 * Requests, notifies and pushes over one connection that comes back by itself. [connect] makes one.
 *
 * It may be used from any thread and any coroutine. [disconnect] ends it, and so does [close], or its last reference when it is collected.
 * Coroutines are woken by the library's one thread: with `Dispatchers.Unconfined` they would also run there, and hold up all clients.
 */
public class PitayaClient internal constructor(
    private val client: NativeClient,
    private val codecs: Codecs,
    private val queue: Queue,
    makeUser: (suspend () -> JsonObject)?,
) : AutoCloseable {
    private val watch = Watch(client, makeUser)

    /** Where the client stands. */
    public val state: StateFlow<State> = watch.state.asStateFlow()

    /** How many answers came that no request waited for. */
    public val unmatched: StateFlow<UnmatchedAnswers> = watch.unmatched.asStateFlow()

    /** The smoothed round trip to the server; null before the first measurement. */
    public val rtt: RoundTrip? get() = client.rtt()?.toKotlin()

    /** The connection's serializer; null before the first handshake where there is a choice. */
    public val serializer: Serializer?
        get() = client.serializer()?.toKotlin()

    /**
     * Returns the server's answer. Cancelling the coroutine gives the request up; the server may still act on it.
     *
     * [timeout] is the client's where it is null, and includes the time that the request waits for a connection as [queue] allows.
     * Throws a [PitayaException]: [ServerException], [RequestTimeoutException], [DisconnectedException], [NotSentException] or [DecodeException].
     */
    public suspend inline fun <reified Req, reified Res> request(
        route: String,
        body: Req,
        timeout: Duration? = null,
        queue: Queue? = null,
    ): Res = request(route, serializer<Req>(), body, serializer<Res>(), timeout, queue)

    /** The same without a body. */
    public suspend inline fun <reified Res> request(route: String, timeout: Duration? = null, queue: Queue? = null): Res =
        request(route, serializer<Res>(), timeout, queue)

    /** The same with the serializers at hand. */
    public suspend fun <Req, Res> request(
        route: String,
        writer: SerializationStrategy<Req>,
        body: Req,
        reader: DeserializationStrategy<Res>,
        timeout: Duration? = null,
        queue: Queue? = null,
    ): Res = codecs.current().decode(route, reader, requestBytes(route, encode(route, writer, body), timeout, queue))

    /** The same without a body. */
    public suspend fun <Res> request(
        route: String,
        reader: DeserializationStrategy<Res>,
        timeout: Duration? = null,
        queue: Queue? = null,
    ): Res {
        val answer = requestBytes(route, NOTHING, timeout, queue)
        return codecs.current().decode(route, reader, answer)
    }

    /** The same with bodies as bytes, whatever the connection's serializer is. */
    public suspend fun requestBytes(
        route: String,
        body: ByteArray = NOTHING,
        timeout: Duration? = null,
        queue: Queue? = null,
    ): ByteArray {
        val options = CallOptions(timeout?.toMillis("a time-out"), (queue ?: this.queue).toNative())
        return called { client.request(checked(route), body, options) }
    }

    /**
     * Sends what is not answered, and returns when the network has taken it.
     *
     * Throws [NotSentException], or [DisconnectedException] when the connection ended first.
     */
    public suspend inline fun <reified T> notify(route: String, body: T, queue: Queue? = null) {
        notify(route, serializer<T>(), body, queue)
    }

    /** The same with the serializer at hand. */
    public suspend fun <T> notify(route: String, writer: SerializationStrategy<T>, body: T, queue: Queue? = null) {
        notifyBytes(route, encode(route, writer, body), queue)
    }

    /** The same with a body of bytes, or with none. */
    public suspend fun notifyBytes(route: String, body: ByteArray = NOTHING, queue: Queue? = null) {
        val options = CallOptions(null, (queue ?: this.queue).toNative())
        called { client.notify(checked(route), body, options) }
    }

    /** Whoever hears that the connection took a call along finds [state] changed. */
    private inline fun <T> called(call: () -> T): T = try {
        native(call = call)
    } catch (lost: DisconnectedException) {
        watch.refresh()
        throw lost
    }

    /** The pushes of a route from now on. */
    public inline fun <reified T> pushes(route: String): Pushes<T> = pushes(route, serializer<T>())

    /** The same with the serializer at hand. */
    public fun <T> pushes(route: String, reader: DeserializationStrategy<T>): Pushes<T> {
        val codecs = codecs
        return Pushes.of(route, subscription(route)) { codecs.current().decode(route, reader, it) }
    }

    /** The same with bodies as bytes. */
    public fun pushesBytes(route: String): Pushes<ByteArray> = Pushes.of(route, subscription(route)) { it }

    /** What happens beside answers and pushes from now on. */
    public fun events(): Events = Events(client.events())

    /**
     * Returns when messages can be sent, now or at last.
     *
     * Throws [ConnectException] when this client is closed, or is before it is connected.
     */
    public suspend fun awaitConnected() {
        native({ watch.failure }) { client.connected() }
        watch.refresh()
    }

    /** Returns when the client has ended for good, whoever ended it. */
    public suspend fun awaitClosed(): State.Closed = state.filterIsInstance<State.Closed>().first()

    /** Says that the application goes to the background: the server's silence does not count, and no connection is tried. */
    public fun pause(): Unit = client.pause()

    /** Says that it is back: a connection is checked, as it may have died unnoticed, and a lost one is tried at once. */
    public fun resume(): Unit = client.resume()

    /** Says whether there is a network, or that it has changed: without one no connection is tried, with one it is checked as by [resume]. */
    public fun networkChanged(online: Boolean): Unit = client.setOnline(online)

    /** Starts an attempt now where one is waited for. */
    public fun reconnectNow(): Unit = client.reconnectNow()

    /** Sends the calls that waited for this connection, with [ClientBuilder.holdQueue]. */
    public fun release(): Unit = client.release()

    /**
     * Closes the client: what was sent is written, calls that wait fail, streams end.
     *
     * Returns when the connection is gone, or after a second if the server does not let go of it. More than once is as good as once.
     */
    public suspend fun disconnect() {
        client.disconnect()
        watch.refresh()
    }

    /** The same, without waiting for it. */
    override fun close() {
        CoroutineScope(Dispatchers.Default).launch(start = CoroutineStart.UNDISPATCHED) { disconnect() }
    }

    override fun toString(): String = "PitayaClient(${state.value})"

    private fun subscription(route: String) = native { client.subscribe(checked(route)) }

    private fun <T> encode(route: String, writer: SerializationStrategy<T>, body: T) = codecs.current().encode(route, writer, body)

    public companion object {
        private val NOTHING = ByteArray(0)

        /**
         * Connects to a server, and returns when messages can be sent. Cancelling the coroutine gives up.
         *
         * [urls] say where it is, in order of preference: `tcp://`, `tls://`, `ws://` or `wss://`. Throws [ConnectException].
         */
        public suspend fun connect(vararg urls: String, configure: ClientBuilder.() -> Unit = {}): PitayaClient {
            val client = start(*urls, configure = configure)
            try {
                client.awaitConnected()
            } catch (error: Throwable) {
                // Also when it is cancelled: the server shall not keep a connection that nobody has.
                withContext(NonCancellable) { client.disconnect() }
                throw error
            }
            return client
        }

        /**
         * The client at once, before it is connected: for who wants to listen first. Calls fail until there is a connection, unless they wait
         * for it. Throws [ConnectException] for a setting that cannot be used.
         */
        public fun start(vararg urls: String, configure: ClientBuilder.() -> Unit = {}): PitayaClient =
            ClientBuilder(urls.toList()).apply(configure).start()
    }
}

/** A text that is not Unicode would reach the library as another route. */
private fun checked(route: String): String = try {
    route.also { it.encodeToByteArray(throwOnInvalidSequence = true) }
} catch (error: CharacterCodingException) {
    throw NotSentException("route", "the route is not Unicode", false, error)
}
