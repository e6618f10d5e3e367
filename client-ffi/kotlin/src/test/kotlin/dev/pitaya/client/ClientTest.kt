package dev.pitaya.client

import java.util.Base64
import kotlin.io.path.readBytes
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration.Companion.milliseconds
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What the coroutine layer adds to the library. */
class ClientTest : PeerTest() {
    @Test
    fun `a client can be started and waited for`() = test {
        val client = start(peer("on-demand").ws)
        client.awaitConnected()
        assertEquals(State.Connected, client.state.value)
        assertEquals("PitayaClient(Connected)", client.toString())
    }

    @Test
    fun `an outer timeout cancels the request`() = test {
        val client = connect(peer("silent").ws)
        assertNull(withTimeoutOrNull(50.milliseconds) { client.ask("a.b") })
        assertEquals(State.Connected, client.state.value)
    }

    @Test
    fun `whoever hears of a lost call finds the state changed`() = test {
        val peer = peer("on-demand")
        repeat(50) {
            val client = connect(peer.tcp) { reconnect { attempts = 0 } }
            val found = async(start = CoroutineStart.UNDISPATCHED) {
                thrown<DisconnectedException> { client.ask("mock.silent") }
                client.state.value
            }
            client.works()
            client.notifyBytes("mock.drop")
            val state = found.await()
            assertTrue(state is State.Closed, "$state")
        }
    }

    @Test
    fun `an answer that is not wanted is not read`() = test {
        val (_, client) = onDemand()
        client.request<Int, Unit>("a.b", 1)
        assertNull(client.request<Int?>("a.b"))
    }

    @Test
    fun `another key than the pinned one`() = test {
        val sdk = sdk()
        val pin = "sha256/" + Base64.getEncoder().encodeToString(ByteArray(32))
        val failed = thrown<ConnectException> {
            connect(sdk.url("json-tls")) {
                tls {
                    rootsPem = certificate.readBytes()
                    pins = listOf(pin)
                }
            }
        }
        assertEquals("unreachable" to false, failed.code to failed.retryable)
    }

    @Test
    fun `the log tells of a connection`() = test {
        Logs(LogLine.Level.Trace).use { logs ->
            val line = async(start = CoroutineStart.UNDISPATCHED) { logs.first() }
            onDemand()
            assertTrue(line.await().target.startsWith("pitaya"))
        }
    }
}
