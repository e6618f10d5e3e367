package dev.pitaya.client

/** Android only: whom its system trusts is asked through Java, which the library has to know first. */
public class AndroidInit private constructor() {
    public companion object {
        /**
         * Makes the system's trust known. Call it once, with the application's `Context`, before the first `tls://` or `wss://` connection; more
         * often is as good as once. It also needs the Android part of the crate rustls-platform-verifier in the application.
         */
        public fun install(context: Any) {
            System.loadLibrary("pitaya_client_ffi")
            val failed = init(context)
            check(failed == 0) { "the system's trust cannot be used: $failed" }
        }

        /** The library's own name for it; the type is Android's, which there is none of on other systems. */
        @JvmStatic
        private external fun init(context: Any): Int
    }
}
