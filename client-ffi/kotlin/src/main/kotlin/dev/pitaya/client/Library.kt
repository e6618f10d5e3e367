package dev.pitaya.client

import com.sun.jna.CallbackThreadInitializer
import com.sun.jna.Native
import uniffi.pitaya.uniffiEnsureInitialized
import uniffi.pitaya.uniffiRustFutureContinuationCallbackImpl

/** The native library, which is loaded once. */
internal object Library {
    init {
        uniffiEnsureInitialized()
        // The library's one thread wakes coroutines. It stays attached to the JVM, as attaching it for each wake costs more than the wake,
        // and is a daemon, so that it keeps no program running.
        Native.setCallbackThreadInitializer(
            uniffiRustFutureContinuationCallbackImpl,
            CallbackThreadInitializer(true, false, "pitaya"),
        )
    }

    /** Loads it, where it is not loaded yet. */
    fun load() = Unit
}
