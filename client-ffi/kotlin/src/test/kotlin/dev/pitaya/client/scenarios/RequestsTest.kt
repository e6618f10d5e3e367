package dev.pitaya.client.scenarios

import dev.pitaya.client.*
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.serialization.Serializable
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test

/** Requests and what becomes of them. */
class RequestsTest : PeerTest() {
    @Serializable
    data class Session(val name: String, val list: List<Double?>)

    @Serializable
    data class SetSession(val Data: Session)

    @Serializable
    data class Done(val Code: Int, val Msg: String)

    @Serializable
    data class ByCode(val byCode: Boolean, val route: String)

    @Serializable
    data class ServerError(val code: String, val msg: String, val metadata: Map<String, String>)

    @Test
    fun `request`() = test {
        val client = sdkClient()
        val session = SetSession(Session("a 😀 b", listOf(1.0, 2.5, null)))
        assertEquals(Done(200, "success"), client.request<SetSession, Done>("connector.setsessiondata", session))
        assertEquals(session, client.request<SetSession>("connector.getsessiondata"))
    }

    @Test
    fun `many-requests`() = test {
        val (_, client) = onDemand()
        val answers = (0..99).map { async { client.request<Int, Int>("a.b", it) } }.awaitAll()
        assertEquals((0..99).toList(), answers)
    }

    @Test
    fun `server-error`() = test {
        val (_, client) = onDemand()
        val error = ServerError("ROOM-1", "no such room", mapOf("room" to "7"))
        val failed = thrown<ServerException> { client.request<ServerError, Unit>("mock.fail", error) }
        assertEquals(error, ServerError(failed.code, failed.message.orEmpty(), failed.metadata))
        client.works()
    }

    @Test
    fun `unknown-route`() = test {
        val client = sdkClient()
        assertEquals("PIT-404", thrown<ServerException> { client.ask("connector.nowhere", buildJsonObject {}) }.code)
        client.ask("connector.getsessiondata")
    }

    @Test
    fun `request-timeout`() = test {
        val client = connect(peer("silent").ws)
        val failed = thrown<RequestTimeoutException> { client.ask("a.b", timeout = 100.milliseconds) }
        assertEquals(listOf("timeout", 100.milliseconds, true, true), listOf(failed.code, failed.after, failed.sent, failed.retryable))
        assertEquals(State.Connected, client.state.value)
    }

    @Test
    fun `late-response`() = test {
        val client = connect(peer("late-response").tcp)
        val events = client.events()
        thrown<RequestTimeoutException> { client.ask("a.b", json("early"), timeout = 50.milliseconds) }
        assertEquals(json("patient"), client.ask("a.b", json("patient")))
        assertTrue(events.filterIsInstance<Event.Unmatched>().first().late)
        assertEquals(UnmatchedAnswers(late = 1), client.unmatched.first { it.late > 0 })
    }

    @Test
    fun `cancel`() = test {
        val client = connect(peer("late-response").ws)
        val events = client.events()
        // Undispatched: it has been sent when the next line runs.
        val call = launch(start = CoroutineStart.UNDISPATCHED) { client.ask("a.b", json(1)) }
        call.cancelAndJoin()
        assertTrue(call.isCancelled)
        assertEquals(json(3), client.ask("a.b", json(3)))
        assertTrue(events.filterIsInstance<Event.Unmatched>().first().late)
    }

    @Test
    fun `corrupt-body`() = test {
        for (url in peer("corrupt-body").both) {
            val client = connect(url)
            thrown<DecodeException> { client.ask("a.b", json(1)) }
            assertEquals(405, client.awaitClosed().reason.code)
        }
    }

    @Test
    fun `dictionary-request`() = test {
        val client = connect(peer("dictionary").ws)
        for ((route, coded) in listOf("connector.echo" to true, "connector.other" to false)) {
            assertEquals(ByCode(coded, route), client.request<ByCode>(route))
        }
    }

    @Test
    fun `unknown-answer`() = test {
        for (url in peer("unknown-answer").both) {
            val (client, events) = early(url) { it.events() }
            assertFalse(events.filterIsInstance<Event.Unmatched>().first().late)
            assertEquals(UnmatchedAnswers(unknown = 1), client.unmatched.first { it.unknown > 0 })
            client.awaitConnected()
            client.works()
        }
    }

    @Test
    fun `route-too-long`() = test {
        val (_, client) = onDemand()
        val failed = thrown<NotSentException> { client.ask("a." + "b".repeat(254), json(1)) }
        assertEquals("route" to false, failed.code to failed.sent)
        assertEquals(json(1), client.ask("a." + "b".repeat(253), json(1)))
    }

    @Test
    fun `body-too-large`() = test {
        val (_, client) = onDemand()
        val failed = thrown<NotSentException> { client.requestBytes("a.b", ByteArray(0xFFFFFF + 1)) }
        assertEquals("too-large" to false, failed.code to failed.sent)
        client.works()
    }

    @Test
    fun `body-without-form`() = test {
        val (_, client) = onDemand()
        val failed = thrown<NotSentException> { client.request<Double, Unit>("a.b", Double.NaN) }
        assertEquals("encode" to false, failed.code to failed.sent)
        assertInstanceOf(SerializationException::class.java, failed.cause)
        client.works()
    }

    @Test
    fun `answer-unreadable`() = test {
        val (_, client) = onDemand()
        val failed = thrown<DecodeException> { client.ask("mock.broken", json(1)) }
        assertNotNull(failed.cause)
        client.works()
    }

    @Test
    fun `rtt-by-requests`() = test {
        val client = connect(peer("late-response").ws)
        assertNull(client.rtt)
        client.ask("a.b")
        val rtt = checkNotNull(client.rtt)
        assertEquals(RoundTrip.Source.Requests, rtt.source)
        assertTrue(rtt.time >= DELAY)
    }

    @Test
    fun `rtt-by-heartbeats`() = test {
        val client = connect(sdk(heartbeat = 1).url("json-ws"))
        val measured = client.events().filterIsInstance<Event.Measured>().first().rtt
        assertEquals(RoundTrip.Source.Heartbeat, measured.source)
        assertNotNull(client.rtt)
    }
}
