package dev.pitaya.client

import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.mapNotNull
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The vectors of `conformance/vectors` that show at this surface. */
class VectorsTest : PeerTest() {
    private val vectors = REPOSITORY.resolve("conformance/vectors")
    private val applied = setOf("close-codes", "errors", "errors-tolerated", "handshake-responses", "kicks", "routes")

    /** What a server reads or grants, and what only the core sees: a client of the surface meets it in the scenarios. */
    private val below = setOf(
        "capabilities", "compression", "dictionaries", "frames", "handshake-requests", "message-refusals", "messages",
        "messages-malformed", "messages-tolerated", "packet-refusals", "packet-streams", "packets", "sniffing",
    )

    private fun cases(name: String): List<JsonObject> =
        Json.parseToJsonElement(vectors.resolve("$name.json").readText()).jsonObject.getValue("cases").jsonArray.map { it.jsonObject }
            .also { check(it.isNotEmpty()) { name } }

    private fun JsonObject.text(key: String): String? = (get(key) as? JsonPrimitive)?.takeIf { it.isString }?.content

    private fun JsonObject.number(key: String): Int = getValue(key).jsonPrimitive.int

    /** The bytes that a vector writes. */
    private fun octets(notation: String): ByteArray {
        if (notation.startsWith("text:")) return notation.removePrefix("text:").encodeToByteArray()
        return notation.split(" ").filter { it.isNotEmpty() }.fold(ByteArray(0)) { bytes, token ->
            val (hex, count) = if (token.startsWith("repeat:")) token.removePrefix("repeat:").split("*") else listOf(token, "1")
            bytes + List(count.toInt()) { hex.chunked(2).map { it.toInt(16).toByte() } }.flatten()
        }
    }

    @Test
    fun `no file is overlooked`() {
        assertEquals(applied + below, vectors.listDirectoryEntries("*.json").map { it.nameWithoutExtension }.toSet())
    }

    @Test
    fun `routes`() = test {
        val (_, client) = onDemand()
        for (case in cases("routes")) {
            val route = checkNotNull(case.text("route"))
            if (case.text("verdict") == "ok") {
                assertEquals(json(1), client.ask(route, json(1)))
            } else {
                assertEquals("route", thrown<NotSentException> { client.ask(route, json(1)) }.code, route)
            }
        }
    }

    @Test
    fun `errors`() = test {
        for (case in cases("errors")) {
            for (name in listOf("json", "protobuf")) fails(case, name, octets(checkNotNull(case.text(name))), case.getValue("value").jsonObject)
        }
    }

    @Test
    fun `errors that are tolerated`() = test {
        for (case in cases("errors-tolerated")) {
            // What cannot be read has no code of its own.
            val value = if (case.text("verdict") == "ok") case.getValue("value").jsonObject else buildJsonObject { put("code", "PIT-000") }
            fails(case, checkNotNull(case.text("serializer")), octets(checkNotNull(case.text("body"))), value)
        }
    }

    /** An error answer with this body is this error. */
    private suspend fun fails(case: JsonObject, serializer: String, body: ByteArray, value: JsonObject) {
        val response = """{"code":200,"sys":{"serializer":"$serializer"}}""".encodeToByteArray()
        WirePeer(response, error = body).use { peer ->
            val client = connect(peer.url) { serializers = Serializer.entries.toSet() }
            val failed = thrown<ServerException> { client.requestBytes("a.b") }
            val metadata = (value["metadata"] as? JsonObject).orEmpty().mapValues { it.value.jsonPrimitive.content }
            assertEquals(value.text("code").orEmpty() to metadata, failed.code to failed.metadata, case.text("name"))
            client.disconnect()
        }
    }

    @Test
    fun `handshake responses`() = test {
        for (case in cases("handshake-responses")) {
            val (name, value) = case.text("name") to case["value"] as? JsonObject
            WirePeer(octets(checkNotNull(case.text("body")))).use { peer ->
                suspend fun reached() = connect(peer.url) { serializers = Serializer.entries.toSet() }
                if (value != null && value.number("code") == 200) {
                    val client = reached()
                    assertEquals(value.text("serializer"), client.serializer?.name?.lowercase(), name)
                    client.disconnect()
                } else {
                    val reason = checkNotNull(thrown<ConnectException> { reached() }.reason)
                    val close = value?.get("close") as? JsonObject
                    val code = close?.number("code") ?: if (value == null) 404 else if (value.number("code") == 501) 503 else 502
                    assertEquals(code, reason.code, name)
                    assertTrue(close?.text("reason").orEmpty() in reason.reason, name)
                }
            }
        }
    }

    /** What a client reads from the body of a kick. */
    private suspend fun kicked(body: ByteArray): CloseReason = WirePeer(afterAck = packet(KICK, body)).use { peer ->
        val client = start(peer.url) { reconnect { base = 60.seconds } }
        val reason = client.state.mapNotNull {
            when (it) {
                is State.Closed -> it.reason
                is State.Reconnecting -> it.cause
                else -> null
            }
        }.first()
        client.disconnect()
        reason
    }

    @Test
    fun `kicks`() = test {
        for (case in cases("kicks")) {
            val reason = kicked(octets(checkNotNull(case.text("body"))))
            val after: Duration? = (case["retry_after_ms"] as? JsonPrimitive)?.long?.milliseconds
            val expected = listOf(case.number("code"), case.text("reason"), after, case.text("endpoint"))
            assertEquals(expected, listOf(reason.code, reason.reason, reason.retryAfter, reason.endpoint), case.text("name"))
        }
    }

    @Test
    fun `close codes`() = test {
        for (case in cases("close-codes")) {
            val reason = kicked("""{"code":${case.number("number")}}""".encodeToByteArray())
            val expected = Triple(case.number("number"), case.getValue("reconnect").jsonPrimitive.boolean, case.getValue("kick").jsonPrimitive.boolean)
            assertEquals(expected, Triple(reason.code, reason.reconnect, reason.kicked), case.text("name"))
        }
    }
}
