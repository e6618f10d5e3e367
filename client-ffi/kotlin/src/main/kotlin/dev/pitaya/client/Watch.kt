package dev.pitaya.client

import java.lang.ref.WeakReference
import kotlin.coroutines.cancellation.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.launch
import kotlinx.serialization.json.JsonObject
import uniffi.pitaya.Client as NativeClient
import uniffi.pitaya.Event as NativeEvent

/**
 * What goes on beside the calls of an application: its state, and the questions of its handshakes. It ends with the client, and does not keep it
 * alive.
 */
internal class Watch(client: NativeClient, private val makeUser: (suspend () -> JsonObject)?) {
    val state = MutableStateFlow(client.state().toKotlin())
    val unmatched = MutableStateFlow(UnmatchedAnswers())

    /** What the function that makes the user threw last, if it did the last time. */
    @Volatile
    var failure: Exception? = null
        private set

    private val client = WeakReference(client)

    init {
        val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
        val events = client.events()
        scope.launch(start = CoroutineStart.UNDISPATCHED) {
            while (true) {
                see(events.next() ?: break)
            }
            refresh()
        }
        if (makeUser != null) {
            val questions = client.userQuestions()
            scope.launch {
                while (true) {
                    val question = questions.next() ?: break
                    try {
                        val user = makeUser.invoke()
                        failure = null
                        question.answer(user.toString())
                    } catch (cancelled: CancellationException) {
                        throw cancelled
                    } catch (error: Exception) {
                        failure = error
                        question.fail(error.toString())
                    }
                }
            }
        }
        refresh()
    }

    /** Asks the client where it stands, so that nobody who was told something sees less. */
    fun refresh() {
        val client = client.get() ?: return
        synchronized(this) { state.value = client.state().toKotlin() }
    }

    private fun see(event: NativeEvent) {
        when (event) {
            is NativeEvent.State -> if (client.get() == null) state.value = event.state.toKotlin() else refresh()
            is NativeEvent.Unmatched -> {
                val seen = unmatched.value
                unmatched.value = if (event.late) seen.copy(late = seen.late + 1) else seen.copy(unknown = seen.unknown + 1)
            }
            is NativeEvent.Lagged -> refresh()
            else -> Unit
        }
    }
}
