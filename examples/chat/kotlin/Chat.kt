/** The chat's client in Kotlin: arguments `URL NAME [ROOM]`. Type a line to say it; /who; /join ROOM; the end of the input leaves. */
package dev.pitaya.example.chat

import dev.pitaya.client.*
import java.util.UUID
import java.util.concurrent.ConcurrentHashMap
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.*
import kotlinx.coroutines.flow.*
import kotlinx.serialization.*
import kotlinx.serialization.json.*

@Serializable data class Line(val from: String, val text: String, val at: JsonElement)
@Serializable data class Member(val name: String, val here: Boolean)
@Serializable data class Members(val room: String, val names: List<String>, val at: JsonElement)
@Serializable data class Say(val text: String, @EncodeDefault val key: String = "${UUID.randomUUID()}")

/** Nobody else's text may steer the terminal. */
fun show(text: String) = println(text.map { if (it.isISOControl()) ' ' else it }.joinToString(""))

suspend fun talk(client: PitayaClient, user: MutableMap<String, JsonElement>) = coroutineScope {
    fun enter(members: Members) {
        user += mapOf("room" to JsonPrimitive(members.room), "seen" to members.at)
        show("* in ${members.room}: ${members.names.joinToString()}")
    }
    val ears = launch {
        client.pushes<Line>("onLine").onEach { user["seen"] = it.at; show("${it.from}: ${it.text}") }.launchIn(this)
        client.pushes<JsonElement>("onGap").onEach { show("* lines may be missing here") }.launchIn(this)
        client.pushes<Member>("onMember").onEach { show("* ${it.name} ${if (it.here) "is here" else "has left"}") }.launchIn(this)
        client.state.onEach { show("* $it") }.launchIn(this)
    }
    client.awaitConnected()
    enter(client.request("room.who", emptyMap<String, String>()))
    generateSequence(::readLine).asFlow().flowOn(Dispatchers.IO).collect { typed ->
        val words = typed.trim().split(" ", limit = 2)
        try {
            when {
                words[0] == "/who" || words[0].isEmpty() -> enter(client.request("room.who", emptyMap<String, String>()))
                words[0] == "/join" && words.size == 2 -> enter(client.request("room.join", mapOf("room" to words[1])))
                else -> client.request<Say, Unit>("room.say", Say(typed.trim().replace('\t', ' ')), 30.seconds, Queue.Wait())
            }
        } catch (error: PitayaException) {
            show("! ${error.message}")
        }
    }
    ears.cancel()
}

fun main(arguments: Array<String>): Unit = runBlocking {
    val (url, name) = arguments
    // Every handshake says where we are and what we have seen, so that the server puts us back there and tells us the rest.
    val user = ConcurrentHashMap<String, JsonElement>(mapOf("name" to JsonPrimitive(name)))
    user["room"] = JsonPrimitive(arguments.getOrElse(2) { "lobby" })
    val client = PitayaClient.start(url) { userForEachAttempt { JsonObject(user.toMap()) } }
    launch { client.awaitClosed().reason.takeIf { it.code != 0 }?.let { show("! ${it.reason}"); exitProcess(1) } }
    talk(client, user)
    client.disconnect()
}
