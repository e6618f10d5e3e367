package dev.pitaya.client.scenarios

import dev.pitaya.client.*
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.launchIn
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test

/** Pushes and notifies. */
class PushesTest : PeerTest() {
    @Serializable
    data class Keys(val key1: Int, val key2: Boolean)

    @Serializable
    data class Coded(val code: Int, val route: String)

    private val keys = Keys(10, true)

    // The name alone is one of every Java object's.
    @Test
    fun `notify `() = test {
        val (_, client) = onDemand()
        for (n in 0..9) client.notify("room.say", n)
        assertEquals((0..9).map { "room.say $it" }, client.received())
    }

    @Test
    fun `notify-to-nowhere`() = test {
        val client = sdkClient()
        client.notify("connector.nowhere", buildJsonObject {})
        client.ask("connector.getsessiondata")
    }

    @Test
    fun `notify-unsent`() = test {
        val (_, client) = onDemand()
        client.disconnect()
        assertEquals("not-connected", thrown<NotSentException> { client.notifyBytes("a.b") }.code)
    }

    @Test
    fun `push-then-answer`() = test {
        val client = sdkClient()
        val pushes = client.pushes<Keys>("some.push.route")
        val answer = client.ask("connector.sendpush", buildJsonObject {}).jsonObject
        // It came before the answer: whoever asks for it now does not wait.
        val push = async(start = CoroutineStart.UNDISPATCHED) { pushes.first() }
        assertTrue(push.isCompleted)
        assertEquals(keys to json("Ok"), push.await() to answer["Msg"])
    }

    @Test
    fun `push-to-nobody`() = test {
        val (_, client) = onDemand()
        val events = client.events()
        client.ask("mock.push", json(1))
        assertEquals(Event.Unhandled("onPush"), events.filterIsInstance<Event.Unhandled>().first())
        client.works()
    }

    @Test
    fun `push-overflow`() = test {
        val client = connect(peer("on-demand").ws) { limits { pushBuffer = 4 } }
        val pushes = client.pushes<Int>("onPush")
        for (n in 0..9) client.ask("mock.push", json(n))
        assertEquals(listOf(6, 7, 8, 9), pushes.take(4).toList())
        assertEquals(6, pushes.missed)
    }

    @Test
    fun `listener-fails`() = test {
        val (_, client) = onDemand()
        val reports = Channel<Throwable>(Channel.UNLIMITED)
        val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default + CoroutineExceptionHandler { _, error -> reports.trySend(error) })
        try {
            val heard = Channel<Int>(Channel.UNLIMITED)
            client.pushes<Int>("onPush").onEach { error("not $it") }.launchIn(scope)
            client.pushes<Int>("onPush").onEach { heard.send(it) }.launchIn(scope)
            for (n in 1..2) {
                assertEquals(json(n), client.ask("mock.push", json(n)))
                assertEquals(n, heard.receive())
            }
            assertEquals("not 1", reports.receive().message)
            client.works()
        } finally {
            scope.cancel()
        }
    }

    @Test
    fun `compressed`() = test {
        for (url in peer("compressed").both) {
            val (client, pushes) = early(url) { it.pushes<Keys>("onCompressed") }
            assertEquals(keys, pushes.first())
            val answer = buildJsonObject { put("isCompressed", false) }
            assertEquals(answer, client.ask("a.b", buildJsonObject {}))
        }
    }

    @Test
    fun `push-bomb`() = test {
        for (url in peer("push-bomb").both) {
            val (client, pushes) = early(url) { it.pushes<JsonElement>("onBomb") }
            assertEquals(emptyList<JsonElement>(), pushes.toList())
            assertEquals(405, client.awaitClosed().reason.code)
        }
    }

    @Test
    fun `dictionary-pushes`() = test {
        val routes = mapOf("some.push.route" to 2, "onHigh" to 515, "onHighest" to 65535)
        for (url in peer("dictionary").both) {
            val (_, streams) = early(url) { client -> routes.keys.map { client.pushes<Coded>(it) } }
            for (pushes in streams) assertEquals(Coded(routes.getValue(pushes.route), pushes.route), pushes.first())
        }
    }

    @Test
    fun `unknown-route-code`() = test {
        for (url in peer("unknown-route-code").both) assertEquals(402, start(url).awaitClosed().reason.code)
    }

    @Test
    fun `many-packets-per-frame`() = test {
        for (url in peer("many-packets-per-frame").both) {
            val (client, streams) = early(url) { it.pushesBytes("onFirst") to it.pushesBytes("onLast") }
            val (first, last) = streams
            for (body in listOf("1", "2")) {
                assertEquals("""{"n":1}""", first.first().decodeToString())
                assertEquals("""{"n":2}""", last.first().decodeToString())
                // The answer brings the next two along.
                assertEquals(body, client.requestBytes("a.b", body.encodeToByteArray()).decodeToString())
            }
        }
    }

    @Test
    fun `text-frame`() = test {
        val (client, pushes) = early(peer("text-frame").ws) { it.pushes<Keys>("onText") }
        assertEquals(keys, pushes.first())
        assertEquals(json("x"), client.ask("a.b", json("x")))
    }
}
