package dev.pitaya.client

import java.lang.ref.WeakReference
import kotlin.io.path.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readLines
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.firstOrNull
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS

private const val CYCLES = 10_000

/** Clients that come and go, with calls in flight, and what is left of them. */
class LifetimeTest : PeerTest() {
    @Test
    fun `a forgotten client closes its connection`() = test {
        val (peer, other) = onDemand()
        val gone = WeakReference(PitayaClient.connect(peer.ws))
        while (gone.get() != null || other.ends().isEmpty()) {
            System.gc()
            delay(10.milliseconds)
        }
    }

    @Test
    fun `closing ends calls and streams`() = test {
        val client = connect(peer("silent").ws)
        supervisorScope {
            val call = async(start = CoroutineStart.UNDISPATCHED) { client.ask("a.b") }
            val pushes = client.pushes<Int>("onPush")
            val reader = async(start = CoroutineStart.UNDISPATCHED) { pushes.firstOrNull() }
            client.use { assertEquals(State.Connected, it.state.value) }
            thrown<DisconnectedException> { call.await() }
            assertNull(reader.await())
        }
        client.awaitClosed()
    }

    @Test
    fun `calls after the end fail at once`() = test {
        val (_, client) = onDemand()
        client.disconnect()
        client.disconnect()
        client.close()
        for (call in listOf<suspend () -> Any>({ client.requestBytes("a.b", queue = Queue.Wait()) }, { client.notifyBytes("a.b", queue = Queue.Wait()) })) {
            assertEquals("not-connected", thrown<NotSentException> { call() }.code)
        }
        assertNull(client.pushes<Int>("onPush").firstOrNull())
        assertEquals(emptyList<Event>(), client.events().toList())
        client.pause()
        client.resume()
        client.networkChanged(online = true)
        client.reconnectNow()
        client.release()
        assertInstanceOf(State.Closed::class.java, client.state.value)
        thrown<ConnectException> { client.awaitConnected() }
    }

    @Test
    fun `closing a stream ends its collector`() = test {
        val (_, client) = onDemand()
        val pushes = client.pushes<Int>("onPush")
        val reader = async(start = CoroutineStart.UNDISPATCHED) { pushes.firstOrNull() }
        pushes.close()
        assertNull(reader.await())
    }

    @Test
    fun `a cancelled collector loses no push`() = test {
        val (_, client) = onDemand()
        val pushes = client.pushes<Int>("onPush")
        launch(start = CoroutineStart.UNDISPATCHED) { pushes.first() }.cancelAndJoin()
        client.ask("mock.push", json(1))
        assertEquals(1, pushes.first())
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `many clients leave nothing behind`() = test(LONG * 10) {
        fun cycle() = PitayaClient.start("tcp://127.0.0.1:9") { queue = Queue.Wait() }.use {
            it.pushes<Int>("onPush")
            it.events()
        }
        // A collection between rounds: a JVM does not feel what its objects hold outside of its heap.
        suspend fun round() {
            repeat(CYCLES / 10) { cycle() }
            settle()
        }
        // The runtime and what it keeps for the next client are there after the first.
        round()
        val before = Triple(openFiles(), resident(), used())
        repeat(10) { round() }
        assertTrue(openFiles() <= before.first + 8)
        // The heap is as large as ever (see the build file), so that what grew is the library's.
        val resident = resident() - before.second
        assertTrue(resident < CYCLES * 5_000L, "$resident bytes more")
        // What the last clients had is collected sooner or later; what leaks never is.
        while (used() - before.third >= CYCLES * 500L) {
            System.gc()
            delay(100.milliseconds)
        }
    }

    /** Sockets that were being opened are closed by the library's thread. */
    private suspend fun settle() {
        var before: Int
        do {
            before = openFiles()
            System.gc()
            delay(300.milliseconds)
        } while (openFiles() != before)
    }

    private fun openFiles() = Path("/proc/self/fd").listDirectoryEntries().size

    /** What is on the heap, in bytes. */
    private fun used() = Runtime.getRuntime().run { totalMemory() - freeMemory() }

    /** Memory of this process that no file has, in bytes. The system takes pages of files away and gives them back as it likes. */
    private fun resident() = Path("/proc/self/status").readLines()
        .filter { it.startsWith("RssAnon:") || it.startsWith("VmSwap:") }
        .sumOf { it.substringAfter(':').removeSuffix("kB").trim().toLong() * 1024 }
}
