package dev.pitaya.client;

import android.content.Context;

/** Tells the native library of the application, so that it can ask the system whom to trust. */
public final class AndroidInit {
    static {
        System.loadLibrary("pitaya_client_ffi");
    }

    private AndroidInit() {
    }

    /** 0 when it is known; see {@code pitaya_android_init}. */
    public static native int init(Context context);
}
