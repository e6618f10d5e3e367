using System;
using System.Runtime.InteropServices;

namespace Pitaya.Native
{
    /// <summary>The C ABI, as <c>pitaya_client.h</c> declares it. Nothing here calls back.</summary>
    internal static unsafe class NativeMethods
    {
        /// <summary>The layout that the structs beside this class has.</summary>
        internal const uint AbiVersion = 1;

        /// <summary>A time that never comes, or that nobody gave.</summary>
        internal const ulong Never = ulong.MaxValue;

#if (UNITY_WEBGL || UNITY_IOS) && !UNITY_EDITOR
        private const string Library = "__Internal";
#else
        private const string Library = "pitaya_client_ffi";
#endif

        [DllImport(Library)] internal static extern uint pitaya_abi_version();
        [DllImport(Library)] internal static extern UIntPtr pitaya_last_error(byte* buffer, UIntPtr capacity);
        [DllImport(Library)] internal static extern int pitaya_options_init(NativeOptions* options);
        [DllImport(Library)] internal static extern int pitaya_call_init(NativeCall* call);
        [DllImport(Library)] internal static extern int pitaya_connect(ulong client);
        [DllImport(Library)] internal static extern int pitaya_disconnect(ulong client);
        [DllImport(Library)] internal static extern int pitaya_pause(ulong client);
        [DllImport(Library)] internal static extern int pitaya_resume(ulong client);
        [DllImport(Library)] internal static extern int pitaya_set_online(ulong client, uint online);
        [DllImport(Library)] internal static extern int pitaya_release(ulong client);
        [DllImport(Library)] internal static extern int pitaya_destroy(ulong client, uint waitMs);
        [DllImport(Library)] internal static extern int pitaya_subscribe(ulong client, NativeBytes route);
        [DllImport(Library)] internal static extern int pitaya_unsubscribe(ulong client, NativeBytes route);
        [DllImport(Library)] internal static extern int pitaya_set_user(ulong client, NativeBytes json);
        [DllImport(Library)] internal static extern int pitaya_request(ulong client, NativeCall* call, ulong* id);
        [DllImport(Library)] internal static extern int pitaya_notify(ulong client, NativeCall* call, ulong* id);
        [DllImport(Library)] internal static extern int pitaya_cancel(ulong client, ulong call);
        [DllImport(Library)] internal static extern int pitaya_poll(ulong client, NativeEvent* events, UIntPtr max, UIntPtr budget);
        [DllImport(Library)] internal static extern int pitaya_events_done(ulong client);
        [DllImport(Library)] internal static extern int pitaya_rtt(ulong client, ulong* timeUs, uint* measuredBy);
        [DllImport(Library)] internal static extern int pitaya_serializer(ulong client, uint* serializer);

        [DllImport(Library)] internal static extern int pitaya_host_create(NativeOptions* options, ulong* client);
        [DllImport(Library)] internal static extern int pitaya_host_tick(ulong client, ulong nowUs);
        [DllImport(Library)] internal static extern int pitaya_host_opened(ulong client, ulong nowUs, uint transport);
        [DllImport(Library)] internal static extern int pitaya_host_failed(ulong client, ulong nowUs, NativeBytes reason, uint retryable);
        [DllImport(Library)] internal static extern int pitaya_host_feed(ulong client, ulong nowUs, NativeBytes bytes);
        [DllImport(Library)] internal static extern int pitaya_host_transmit(ulong client, byte* buffer, UIntPtr capacity, UIntPtr* length);
        [DllImport(Library)] internal static extern int pitaya_host_wants_bytes(ulong client, uint* wants);
        [DllImport(Library)] internal static extern int pitaya_host_closed(ulong client, ulong nowUs, ushort code, NativeBytes reason);
        [DllImport(Library)] internal static extern int pitaya_host_lost(ulong client, ulong nowUs, NativeBytes reason);

#if !UNITY_WEBGL || UNITY_EDITOR
        [DllImport(Library)] internal static extern int pitaya_create(NativeOptions* options, ulong* client);
        [DllImport(Library)] internal static extern int pitaya_log_open(uint level, ulong* log);
        [DllImport(Library)] internal static extern int pitaya_log_next(ulong log, uint* level, byte* buffer, UIntPtr capacity, UIntPtr* length, ulong* missed);
        [DllImport(Library)] internal static extern int pitaya_log_close(ulong log);
#endif

        /// <summary>Throws what the number of a failed function stands for; the text is this thread's last error.</summary>
        internal static void Check(int status)
        {
            if (status >= Status.Ok) return;
            throw Misuse(status);
        }

        internal static Exception Misuse(int status)
        {
            var text = LastError();
            switch (status)
            {
                case Status.InvalidHandle: return new ObjectDisposedException(nameof(PitayaClient));
                case Status.InvalidUtf8:
                case Status.InvalidArgument: return new ArgumentException(text);
                default: return new InternalException(text + " (" + status + ")");
            }
        }

        internal static string LastError()
        {
            const int capacity = 512;
            var buffer = stackalloc byte[capacity];
            var length = (int)pitaya_last_error(buffer, (UIntPtr)capacity);
            return Utf8.Read((IntPtr)buffer, Math.Min(length, capacity));
        }
    }
}
