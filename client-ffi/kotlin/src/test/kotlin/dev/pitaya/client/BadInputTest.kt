package dev.pitaya.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import uniffi.pitaya.Client
import uniffi.pitaya.ConnectOptions
import uniffi.pitaya.FfiConverterByteArray
import uniffi.pitaya.FfiConverterOptionalTypeCancelHandle
import uniffi.pitaya.FfiConverterString
import uniffi.pitaya.UniffiLib
import uniffi.pitaya.uniffiRustCallAsync
import uniffi.pitaya.PitayaException as NativeException

/** What a caller may get wrong: an exception, and the client lives on. */
class BadInputTest : PeerTest() {
    @Test
    fun `a text that is no Unicode`() = test {
        val (_, client) = onDemand()
        // Half of a pair of surrogates: a JVM has such texts, UTF-8 does not.
        assertEquals("route", thrown<NotSentException> { client.ask("a.\ud800", json(1)) }.code)
        assertEquals("encode", thrown<NotSentException> { client.ask("a.b", json("\ud800")) }.code)
        assertEquals("route", thrown<NotSentException> { client.pushes<Int>("a.\ud800") }.code)
        client.works()
    }

    @Test
    fun `times and sizes that are none`() = test {
        val (_, client) = onDemand()
        thrown<IllegalArgumentException> { client.ask("a.b", timeout = (-1).seconds) }
        thrown<IllegalArgumentException> { Queue.Wait(items = -1) }
        val url = "tcp://127.0.0.1:9"
        thrown<IllegalArgumentException> { PitayaClient.connect(url) { limits { packetBytes = -1 } } }
        thrown<IllegalArgumentException> { PitayaClient.connect(url) { reconnect { jitter = 2.0 } } }
        thrown<IllegalArgumentException> { PitayaClient.connect(url) { timeout = (-1).seconds } }
        assertEquals(json(1), client.ask("a.b", json(1), timeout = Duration.INFINITE))
    }

    @Test
    fun `settings that cannot be used`() = test {
        val url = "tcp://127.0.0.1:9"
        val wrong = listOf<Pair<String, ClientBuilder.() -> Unit>>(
            "settings" to { capabilities = listOf("telepathy") },
            "settings" to { tls { rootsPem = "none".encodeToByteArray() } },
            "settings" to { tls { pins = listOf("sha1/abc") } },
            "settings" to { tls { identityChainPem = ByteArray(0) } },
        )
        for ((code, configure) in wrong) assertEquals(code, thrown<ConnectException> { PitayaClient.connect(url, configure = configure) }.code)
        assertEquals("url", thrown<ConnectException> { PitayaClient.connect() }.code)
        thrown<ConnectException> { PitayaClient.connect("ws://127.0.0.1:9") { header("no header", "a\nb") } }
    }

    @Test
    fun `a route of pushes that is none`() = test {
        val (_, client) = onDemand()
        for (route in listOf("", "a".repeat(256))) assertEquals("route", thrown<NotSentException> { client.pushes<Int>(route) }.code)
    }

    @Test
    fun `a body of another form`() = test {
        val (_, client) = onDemand()
        val pushes = client.pushes<Int>("onPush")
        for (body in listOf(json("text"), json(2))) client.ask("mock.push", body)
        thrown<DecodeException> { pushes.collect {} }
        thrown<Done> { pushes.collect { throw Done(it) } }.also { assertEquals(2, it.value) }
    }

    @Test
    fun `a panic in the library is an exception`() = test {
        val peer = peer("on-demand")
        val client = connect(peer.ws)
        val failed = thrown<InternalException> { native { Client.start(ConnectOptions(listOf(peer.ws))).use { it.panics() } } }
        assertTrue(failed.code == "internal" && failed.message.orEmpty().isNotEmpty())
        client.works()
    }

    /** A request as uniffi writes it, but with options that the library cannot read, at which it panics. */
    private suspend fun Client.panics(): ByteArray = uniffiRustCallAsync(
        UniffiLib.uniffi_pitaya_client_ffi_fn_method_client_request(
            uniffiCloneHandle(),
            FfiConverterString.lower("a.b"),
            FfiConverterByteArray.lower(ByteArray(0)),
            FfiConverterString.lower("c"),
            FfiConverterOptionalTypeCancelHandle.lower(null),
        ),
        { future, callback, continuation -> UniffiLib.ffi_pitaya_client_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, status -> UniffiLib.ffi_pitaya_client_ffi_rust_future_complete_rust_buffer(future, status) },
        { future -> UniffiLib.ffi_pitaya_client_ffi_rust_future_free_rust_buffer(future) },
        { FfiConverterByteArray.lift(it) },
        NativeException.ErrorHandler,
    )

    private class Done(val value: Int) : RuntimeException()
}
