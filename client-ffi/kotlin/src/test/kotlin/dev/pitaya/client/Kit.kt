package dev.pitaya.client

import java.io.BufferedReader
import java.net.ServerSocket
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.mapNotNull
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.io.TempDir

/** How late the late ones are. */
val DELAY: Duration = 300.milliseconds

/** A wait that only a hang can exceed. */
val LONG: Duration = 30.seconds

val REPOSITORY: Path = Path.of("").toAbsolutePath().parent.parent

/** A program of the repository, as the task runner names it. */
fun program(variable: String): String = checkNotNull(System.getenv(variable)) { "$variable is not set: run `cargo xtask ffi kotlin`" }

/** A conformance server with some listeners, each with its address by name. */
class Peer(listeners: Int, vararg arguments: String) {
    private val process = ProcessBuilder(program("PITAYA_CONFORMANCE_SERVER"), *arguments)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
    private val told: BufferedReader = process.inputReader()
    val addresses: Map<String, String> = (1..listeners).associate {
        val line = told.readLine() ?: error("the conformance server does not listen")
        val (word, name, address) = line.split(" ")
        check(word == "listening") { line }
        name to address
    }
    val address get() = addresses.values.first()
    val tcp get() = "tcp://$address"
    val ws get() = "ws://$address"
    val both get() = listOf(tcp, ws)

    /** The URL of a listener of the profile `sdk`. */
    fun url(name: String) = "${name.split("-")[1]}://localhost:${addresses.getValue(name).substringAfterLast(":")}"

    fun stop() {
        process.destroyForcibly().waitFor()
        told.close()
    }
}

/** A test with peers and clients, which are gone when it ends, however it ends. */
abstract class PeerTest {
    private val peers = mutableListOf<Peer>()
    private val clients = mutableListOf<PitayaClient>()

    @TempDir
    lateinit var folder: Path
    val certificate: Path get() = folder.resolve("cert.pem")

    @AfterEach
    fun leave() {
        runBlocking { clients.forEach { it.disconnect() } }
        peers.forEach { it.stop() }
    }

    /** Fails instead of hanging. */
    fun test(limit: Duration = LONG, body: suspend CoroutineScope.() -> Unit): Unit = runBlocking { withTimeout(limit, body) }

    fun peer(script: String, heartbeat: Int = 6, delay: Duration = DELAY, address: String? = null): Peer {
        val at = if (address == null) script else "$script=$address"
        return Peer(1, "--mock", at, "--heartbeat", "$heartbeat", "--delay", "${delay.inWholeMilliseconds}").also { peers += it }
    }

    fun sdk(heartbeat: Int = 6): Peer {
        val ports = listOf("json", "protobuf").flatMap { serializer -> listOf("ws", "tcp", "tls").map { "--$serializer-$it=0" } }
        val files = arrayOf("--cert", "$certificate", "--key", "${folder.resolve("key.pem")}")
        return Peer(6, "--profile", "sdk", "--heartbeat", "$heartbeat", *ports.toTypedArray(), *files).also { peers += it }
    }

    suspend fun connect(url: String, configure: ClientBuilder.() -> Unit = {}): PitayaClient =
        PitayaClient.connect(url) { hasty().configure() }.also { clients += it }

    fun start(url: String, configure: ClientBuilder.() -> Unit = {}): PitayaClient =
        PitayaClient.start(url) { hasty().configure() }.also { clients += it }

    /** A client whose handshake waits until the listeners are there. */
    fun <T> early(url: String, listen: (PitayaClient) -> T): Pair<PitayaClient, T> {
        val user = CompletableDeferred<JsonObject>()
        val client = start(url) { userForEachAttempt { user.await() } }
        return (client to listen(client)).also { user.complete(JsonObject(emptyMap())) }
    }

    suspend fun onDemand(): Pair<Peer, PitayaClient> = peer("on-demand").let { it to connect(it.ws) }

    suspend fun sdkClient(): PitayaClient = connect(sdk().url("json-ws"))
}

/** Comes back without a wait worth speaking of. */
private fun ClientBuilder.hasty() = apply {
    reconnect {
        base = 20.milliseconds
        max = 80.milliseconds
        jitter = 0.0
    }
}

/** Two attempts more. */
fun ClientBuilder.twoMore(first: Boolean = false): Unit = reconnect {
    base = 10.milliseconds
    max = 40.milliseconds
    attempts = 2
    this.first = first
}

/** An address on which nobody listens. */
fun nobody(): String = ServerSocket(0).use { "ws://127.0.0.1:${it.localPort}/" }

fun json(value: Int): JsonElement = JsonPrimitive(value)

fun json(value: String): JsonElement = JsonPrimitive(value)

suspend fun PitayaClient.ask(route: String, body: JsonElement, timeout: Duration? = null, queue: Queue? = null): JsonElement =
    request(route, body, timeout, queue)

suspend fun PitayaClient.ask(route: String, timeout: Duration? = null): JsonElement = request<JsonElement>(route, timeout)

/** That the connection works. */
suspend fun PitayaClient.works() = assertEquals(json(1), ask("a.b", json(1)))

/** The cause of a loss. A state can be over before anybody looks; its event is still there. */
suspend fun Flow<Event>.lost(): CloseReason =
    filterIsInstance<Event.StateChanged>().mapNotNull { (it.state as? State.Reconnecting)?.cause }.first()

/** Loses the connection of a client of a peer that obeys. */
suspend fun PitayaClient.lose() {
    val events = events()
    notifyBytes("mock.drop")
    events.lost()
    // The state is told to all readers, in no order.
    while (state.value == State.Connected) kotlinx.coroutines.yield()
}

/** What came on the connection, as `route body`. */
suspend fun PitayaClient.received(): List<String> = (ask("mock.received") as JsonArray).map {
    val message = it.jsonObject
    "${message.getValue("route").jsonPrimitive.content} ${message.getValue("body").jsonPrimitive.content}"
}

/** How the connections of the listener ended. */
suspend fun PitayaClient.ends(): List<String> =
    (ask("mock.ends") as? JsonArray).orEmpty().filter { it != JsonNull }.map { it.jsonPrimitive.content }

/** What a block throws; fails where it is something else or nothing. */
inline fun <reified E : Throwable> thrown(block: () -> Unit): E {
    val error = try {
        block()
        null
    } catch (error: Throwable) {
        error
    }
    if (error is E) return error
    throw AssertionError("not ${E::class.simpleName} but $error", error)
}
