package dev.pitaya.client.scenarios

import dev.pitaya.client.*
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test

/** What a server may answer to the handshake. */
class HandshakesTest : PeerTest() {
    /** The close that a handshake leads to, for good. */
    private suspend fun refusal(script: String, capabilities: List<String>? = null): CloseReason =
        peer(script).both.map { url ->
            val failed = thrown<ConnectException> { connect(url) { this.capabilities = capabilities } }
            assertFalse(failed.retryable)
            checkNotNull(failed.reason)
        }.last()

    @Test
    fun `serializer-by-handshake`() = test {
        val sdk = sdk()
        for (name in Serializer.entries) {
            val client = connect(sdk.url("${name.name.lowercase()}-ws")) { serializers = Serializer.entries.toSet() }
            assertEquals(name, client.serializer)
            assertEquals("PIT-404", thrown<ServerException> { client.requestBytes("connector.nothing") }.code)
        }
    }

    @Test
    fun `serializer-mismatch`() = test {
        val failed = thrown<ConnectException> { connect(sdk().url("protobuf-ws")) }
        assertTrue("protobuf" in failed.message.orEmpty(), failed.message)
        assertFalse(failed.retryable)
    }

    @Test
    fun `compressed-handshake`() = test {
        for (url in peer("compressed").both) connect(url)
    }

    @Test
    fun `refused`() = test {
        val reason = refusal("refused", emptyList())
        assertEquals(502, reason.code)
        assertTrue("400" in reason.reason, reason.reason)
    }

    @Test
    fun `refused-with-reason`() = test {
        val reason = refusal("refused")
        assertEquals(502 to "refused by the script", reason.code to reason.reason)
    }

    @Test
    fun `too-old`() = test { assertEquals(503, refusal("too-old").code) }

    @Test
    fun `handshake-not-json`() = test { assertEquals(404, refusal("handshake-not-json").code) }

    @Test
    fun `handshake-without-sys`() = test {
        for (url in peer("handshake-without-sys").both) {
            val client = connect(url)
            assertEquals(Serializer.Json, client.serializer)
            client.works()
        }
    }

    @Test
    fun `handshake-bomb`() = test { assertEquals(405, refusal("handshake-bomb").code) }
}
