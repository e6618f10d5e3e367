package dev.pitaya.client.scenarios

import dev.pitaya.client.*
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.firstOrNull
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test

/** How connections end for good, and who says so. */
class LeavingTest : PeerTest() {
    /** How it ends after the ack, which is the same over TCP and over WebSocket. */
    private suspend fun end(script: String, capabilities: List<String>? = null): CloseReason {
        val (tcp, ws) = peer(script).both.map { url ->
            val ended = start(url) { this.capabilities = capabilities }.awaitClosed()
            assertFalse(ended.exhausted)
            ended.reason
        }
        assertEquals(tcp.code to tcp.origin, ws.code to ws.origin)
        return ws
    }

    @Test
    fun `heartbeats-are-life`() = test {
        val client = connect(peer("silent", heartbeat = 1).tcp)
        val changes = client.events()
        assertNull(withTimeoutOrNull(5.seconds) { changes.firstOrNull { it is Event.StateChanged } })
        assertEquals(State.Connected, client.state.value)
    }

    @Test
    fun `kick`() = test {
        val reason = end("kick")
        assertEquals(Triple(500, Origin.Peer, true), Triple(reason.code, reason.origin, reason.kicked))
    }

    @Test
    fun `kick-with-pomelos-reason`() = test {
        val reason = end("kick-with-reason", emptyList())
        assertEquals(500 to "kicked by the script", reason.code to reason.reason)
    }

    @Test
    fun `kick-with-reason`() = test {
        val reason = end("kick-with-reason")
        assertEquals(501 to "kicked by the script", reason.code to reason.reason)
    }

    @Test
    fun `kick-with-unknown-code`() = test {
        val (_, client) = onDemand()
        client.notify("mock.kick", buildJsonObject { put("code", 777); put("reason", "unheard of") })
        val reason = client.awaitClosed().reason
        assertEquals(777 to "unheard of", reason.code to reason.reason)
    }

    @Test
    fun `garbage`() = test {
        val reason = end("garbage")
        assertEquals(400 to Origin.Fault, reason.code to reason.origin)
    }

    @Test
    fun `half-frame`() = test {
        val peer = peer("half-frame")
        val reason = start(peer.ws).awaitClosed().reason
        assertEquals(400 to Origin.Fault, reason.code to reason.origin)
        val ended = start(peer.tcp) { twoMore(first = true) }.awaitClosed()
        assertEquals(true to 100, ended.exhausted to ended.reason.code)
    }

    @Test
    fun `reconnect-off`() = test {
        val client = connect(peer("on-demand").tcp) { reconnect { attempts = 0 } }
        client.notifyBytes("mock.drop")
        assertTrue(client.awaitClosed().reason.reconnect)
        assertEquals("not-connected", thrown<NotSentException> { client.requestBytes("a.b", queue = Queue.Wait()) }.code)
    }

    @Test
    fun `attempts-exhausted`() = test {
        val peer = peer("on-demand")
        val client = connect(peer.ws) { twoMore() }
        peer.stop()
        val ended = client.awaitClosed()
        assertTrue(ended.exhausted && !ended.reason.kicked, "$ended")
    }

    @Test
    fun `close-with-calls`() = test {
        val (peer, other) = onDemand()
        val client = connect(peer.ws)
        supervisorScope {
            val call = async(start = CoroutineStart.UNDISPATCHED) { client.ask("mock.silent") }
            // Once a later request is answered, the first one is in flight.
            client.works()
            client.disconnect()
            val failed = thrown<DisconnectedException> { call.await() }
            assertEquals(true to Origin.Local, failed.sent to failed.reason.origin)
        }
        val ended = client.awaitClosed()
        assertEquals(false to 0, ended.exhausted to ended.reason.code)
        while (other.ends() != listOf("closed 1000")) delay(10.milliseconds)
    }
}
