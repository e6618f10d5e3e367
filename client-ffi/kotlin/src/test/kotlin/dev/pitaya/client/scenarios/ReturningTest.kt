package dev.pitaya.client.scenarios

import dev.pitaya.client.*
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test

/** A lost connection comes back. */
class ReturningTest : PeerTest() {
    /** The codes with which a request in flight fails that this order ends. */
    private suspend fun lostInFlight(order: String): List<Int> = peer("on-demand").both.map { url ->
        val client = connect(url)
        val events = client.events()
        val failed = supervisorScope {
            val call = async(start = CoroutineStart.UNDISPATCHED) { client.ask("mock.silent") }
            // Once a later request is answered, the first one is in flight.
            client.works()
            client.notifyBytes(order)
            thrown<DisconnectedException> { call.await() }
        }
        assertEquals(Triple("disconnected", true, true), Triple(failed.code, failed.sent, failed.retryable))
        events.lost()
        client.awaitConnected()
        client.works()
        failed.reason.code
    }

    /** That the connection is lost and no attempt is made. */
    private suspend fun stranded(client: PitayaClient) {
        client.lose()
        assertNull(withTimeoutOrNull(300.milliseconds) { client.awaitConnected() })
    }

    @Test
    fun `silent-server`() = test {
        peer("no-heartbeat", heartbeat = 1).both.map { url ->
            async {
                val client = connect(url)
                val begin = TimeSource.Monotonic.markNow()
                val cause = client.events().lost()
                // How late it may be depends on the machine; how early does not. The last packet came a moment before it was connected.
                assertTrue(begin.elapsedNow() > 1.9.seconds)
                assertEquals(102 to Origin.Fault, cause.code to cause.origin)
                client.awaitConnected()
            }
        }.awaitAll()
    }

    @Test
    fun `lost-connection`() = test { lostInFlight("mock.drop").forEach { assertTrue(it in 100..399, "$it") } }

    @Test
    fun `ended-stream`() = test { assertEquals(setOf(100), lostInFlight("mock.end").toSet()) }

    @Test
    fun `close-with-unknown-code`() = test {
        val (_, client) = onDemand()
        val events = client.events()
        client.notify("mock.kick", buildJsonObject { put("code", 377); put("reason", "unheard of") })
        val cause = events.lost()
        assertEquals(377 to "unheard of", cause.code to cause.reason)
        client.awaitConnected()
    }

    @Test
    fun `close-with-advice`() = test {
        val (_, client) = onDemand()
        val second = peer("on-demand")
        val events = client.events()
        val begin = TimeSource.Monotonic.markNow()
        val advice = buildJsonObject {
            put("code", 110)
            put("reason", "moving")
            put("retry_after_ms", 300)
            put("endpoint", second.ws)
        }
        client.notify("mock.kick", advice)
        val cause = events.lost()
        assertEquals(Triple(110, 300.milliseconds, second.ws), Triple(cause.code, cause.retryAfter, cause.endpoint))
        client.awaitConnected()
        assertTrue(begin.elapsedNow() >= 300.milliseconds)
        // Only the other listener has this connection.
        connect(second.ws).disconnect()
        while (client.ends().isEmpty()) delay(10.milliseconds)
    }

    @Test
    fun `restart`() = test {
        val (peer, client) = onDemand()
        val events = client.events()
        val pushes = client.pushes<Int>("onPush")
        client.ask("mock.push", json(1))
        supervisorScope {
            val call = async(start = CoroutineStart.UNDISPATCHED) { client.ask("mock.silent") }
            client.works()
            peer.stop()
            assertTrue(thrown<DisconnectedException> { call.await() }.sent)
        }
        events.lost()
        peer("on-demand", address = peer.address)
        client.awaitConnected()
        client.ask("mock.push", json(2))
        assertEquals(listOf(1, 2), pushes.take(2).toList())
    }

    @Test
    fun `reconnect-now`() = test {
        val client = connect(peer("on-demand").ws) { reconnect { base = 30.seconds; max = 30.seconds } }
        client.lose()
        val waiting = client.state.filterIsInstance<State.Reconnecting>().first()
        assertTrue(checkNotNull(waiting.nextIn) > 20.seconds, "$waiting")
        client.reconnectNow()
        client.awaitConnected()
    }

    @Test
    fun `pause`() = test {
        for (url in peer("on-demand").both) {
            val client = connect(url)
            client.pause()
            stranded(client)
            client.resume()
            client.awaitConnected()
        }
    }

    @Test
    fun `network-change`() = test {
        val (_, client) = onDemand()
        client.networkChanged(online = false)
        stranded(client)
        client.networkChanged(online = true)
        client.awaitConnected()
    }
}
