package dev.pitaya.client.scenarios

import dev.pitaya.client.*
import java.net.ServerSocket
import kotlin.io.path.readBytes
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test

/** Reaching a server, and what keeps a client from it. */
class ConnectingTest : PeerTest() {
    @Test
    fun `connect`() = test {
        val sdk = sdk()
        for (name in listOf("json-tcp", "json-tls", "json-ws")) {
            val client = connect(sdk.url(name)) { tls { rootsPem = certificate.readBytes() } }
            assertEquals(State.Connected to Serializer.Json, client.state.value to client.serializer)
            client.disconnect()
            val ended = client.awaitClosed()
            assertEquals(0 to Origin.Local, ended.reason.code to ended.reason.origin)
        }
    }

    @Test
    fun `user-data`() = test {
        val client = connect(peer("on-demand").ws) {
            user { put("age", 30) }
            clientInfo {
                version = "2.1"
                build = "20"
                platform = "mac"
            }
        }
        val handshake = client.ask("mock.handshake").jsonObject
        assertEquals(buildJsonObject { put("age", 30) }, handshake["user"])
        val sys = handshake.getValue("sys").jsonObject.mapValues { (_, value) -> (value as? kotlinx.serialization.json.JsonPrimitive)?.content }
        assertEquals(listOf("mac", "2.1", "20"), listOf(sys["platform"], sys["clientVersion"], sys["clientBuildNumber"]))
        assertFalse(sys["libVersion"].isNullOrEmpty())
    }

    @Test
    fun `user-anew`() = test {
        var attempts = 0
        val client = connect(peer("on-demand").ws) { userForEachAttempt { buildJsonObject { put("attempt", ++attempts) } } }
        suspend fun attempt() = client.ask("mock.handshake").jsonObject.getValue("user").jsonObject.getValue("attempt").jsonPrimitive.content
        assertEquals("1", attempt())
        client.lose()
        client.awaitConnected()
        assertEquals("2", attempt())
    }

    @Test
    fun `user-function-fails`() = test {
        val failed = thrown<ConnectException> {
            connect(peer("on-demand").ws) { userForEachAttempt { throw IllegalStateException("the token service is away") } }
        }
        assertTrue("the token service is away" in failed.message.orEmpty(), failed.message)
        assertInstanceOf(IllegalStateException::class.java, failed.cause)
    }

    @Test
    fun `bad-url`() = test {
        val failed = thrown<ConnectException> { connect("http://127.0.0.1:1/") }
        assertEquals("url" to false, failed.code to failed.retryable)
        assertTrue("http://127.0.0.1:1/" in failed.message.orEmpty(), failed.message)
    }

    @Test
    fun `unreachable`() = test {
        val url = nobody()
        val failed = thrown<ConnectException> { connect(url) }
        assertEquals("unreachable" to true, failed.code to failed.retryable)
        assertEquals(listOf(url), failed.endpoints.map { it.endpoint })
    }

    @Test
    fun `first-attempt-repeated`() = test {
        assertTrue(start(nobody()) { twoMore(first = true) }.awaitClosed().exhausted)
    }

    @Test
    fun `connect-aborted`() = test {
        ServerSocket(0).use { server ->
            val connecting = async { PitayaClient.connect("tcp://127.0.0.1:${server.localPort}") }
            withContext(Dispatchers.IO) {
                server.accept().use { socket ->
                    connecting.cancel()
                    // The server sees the connection end.
                    socket.getInputStream().readAllBytes()
                }
            }
            thrown<CancellationException> { connecting.await() }
        }
    }

    @Test
    fun `handshake-timeout`() = test {
        for (url in peer("slow-handshake", delay = 30.seconds).both) {
            val failed = thrown<ConnectException> { connect(url) { handshakeTimeout = 100.milliseconds } }
            assertEquals(103 to true, failed.reason?.code to failed.retryable)
        }
    }

    @Test
    fun `slow-handshake`() = test {
        val begin = TimeSource.Monotonic.markNow()
        connect(peer("slow-handshake").tcp)
        assertTrue(begin.elapsedNow() >= DELAY)
    }

    @Test
    fun `drop-on-ack`() = test {
        for (url in peer("drop-on-ack").both) {
            val ended = start(url) { twoMore(first = true) }.awaitClosed()
            assertTrue(ended.exhausted && ended.reason.reconnect && !ended.reason.kicked, "$ended")
        }
    }

    @Test
    fun `split-frames`() = test {
        for (url in peer("split-frames").both) {
            val client = connect(url)
            assertEquals(JsonNull, client.ask("a.b"))
            for (body in listOf("one", "another")) assertEquals(json(body), client.ask("a.b", json(body)))
        }
    }
}
