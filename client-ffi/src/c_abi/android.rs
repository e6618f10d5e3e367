//! Android: the system's trust is asked through Java, which has to be known first.

#![expect(unsafe_code, reason = "the C ABI, and Java's")]
#![expect(non_snake_case, reason = "Java's way to name a native method")]

use std::ffi::c_void;

use jni::objects::JObject;
use jni::{EnvUnowned, Outcome};

use super::fault::{Fault, guard};
use super::numbers::PITAYA_NULL_POINTER;

/// Android only: makes the system's trust known, before the first connection over TLS. `env` is the thread's `JNIEnv *` and `context` a reference to
/// the application's `Context`. Once is enough, more often is as good. Without it `tls://` and `wss://` cannot be used with the system's trust.
///
/// # Safety
/// Both are what they are said to be, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_android_init(env: *mut c_void, context: *mut c_void) -> i32 {
    guard(|| {
        if env.is_null() || context.is_null() {
            return Err(Fault::new(PITAYA_NULL_POINTER, "a pointer is null"));
        }
        // SAFETY: not null, and the environment of this thread by this function's own contract.
        let mut env = unsafe { EnvUnowned::from_raw(env.cast()) };
        let known = env.with_env(|env| {
            // SAFETY: a reference to an object by this function's own contract.
            let context = unsafe { JObject::from_raw(env, context.cast()) };
            rustls_platform_verifier::android::init_with_env(env, context)
        });
        match known.into_outcome() {
            Outcome::Ok(()) => Ok(()),
            Outcome::Err(error) => Err(Fault::argument(error.to_string())),
            Outcome::Panic(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The same for Java: `package dev.pitaya.client; class AndroidInit { static native int init(Context context); }`, after `System.loadLibrary`.
///
/// # Safety
/// Only Java calls it.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_dev_pitaya_client_AndroidInit_init(
    env: *mut c_void,
    _class: *mut c_void,
    context: *mut c_void,
) -> i32 {
    // SAFETY: Java hands over its environment and the application's object.
    unsafe { pitaya_android_init(env, context) }
}
