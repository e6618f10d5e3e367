package dev.pitaya.client.scenarios

import dev.pitaya.client.*
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test

/** Calls while there is no connection. */
class QueuesTest : PeerTest() {
    /** A client that has lost its connection, and makes no attempt before it is resumed. */
    private suspend fun stranded(configure: ClientBuilder.() -> Unit = {}): PitayaClient {
        val client = connect(peer("on-demand").ws, configure)
        client.pause()
        client.lose()
        return client
    }

    /** A call that is made now; what becomes of it: a code where it is not sent. */
    private fun CoroutineScope.call(work: suspend () -> Any?) = async(start = CoroutineStart.UNDISPATCHED) {
        try {
            work()
        } catch (error: NotSentException) {
            error.code
        }
    }

    @Test
    fun `queue-fail`() = test {
        val client = stranded()
        for (call in listOf<suspend () -> Unit>({ client.ask("a.b", json(1)) }, { client.notify("a.b", 1) })) {
            val failed = thrown<NotSentException> { call() }
            assertEquals(Triple("not-connected", true, false), Triple(failed.code, failed.retryable, failed.sent))
        }
    }

    @Test
    fun `queue-wait`() = test {
        val client = stranded { queue = Queue.Wait() }
        val calls = listOf(call { client.notify("a.b", 1) }, call { client.ask("a.b", json(2)) }, call { client.notify("a.b", 3) })
        client.resume()
        assertEquals(listOf(Unit, json(2), Unit), calls.awaitAll())
        assertEquals(listOf("a.b 1", "a.b 2", "a.b 3"), client.received())
    }

    @Test
    fun `queue-latest`() = test {
        val client = stranded()
        val kept = listOf("old" to "me", "other" to "pet", "new" to "me")
        val calls = kept.map { (body, key) -> call { client.notify("pos.set", body, Queue.LatestOnly(key)) } }
        client.resume()
        assertEquals(listOf("superseded", Unit, Unit), calls.awaitAll())
        assertEquals(listOf("pos.set \"other\"", "pos.set \"new\""), client.received())
    }

    @Test
    fun `queue-limits`() = test {
        val client = stranded()
        val limits = Queue.Wait(items = 1, bytes = 100, age = 50.milliseconds)
        val calls = listOf(101, 0, 0).map { size -> call { client.notifyBytes("a.b", ByteArray(size), limits) } }
        assertEquals(listOf("queue-full", "expired", "queue-full"), calls.awaitAll())
    }

    @Test
    fun `queue-held`() = test {
        val client = stranded { holdQueue = true }
        val waiting = call { client.notify("chat.say", 1, Queue.Wait()) }
        client.resume()
        client.awaitConnected()
        client.notify("room.join", 2)
        client.release()
        waiting.await()
        assertEquals(listOf("room.join 2", "chat.say 1"), client.received())
        client.works()
    }
}
