using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Pitaya.Host;

namespace Pitaya.Native
{
    /// <summary>The calls of one client that go on.</summary>
    internal sealed class Calls
    {
        private readonly ulong _client;
        private readonly HostLoop _host;
        private readonly TaskCreationOptions _creation;
        private readonly Dictionary<ulong, PendingCall> _pending = new Dictionary<ulong, PendingCall>();

        /// <param name="host">Null where the library has its own clock.</param>
        internal Calls(ulong client, HostLoop host, TaskCreationOptions creation)
        {
            _client = client;
            _host = host;
            _creation = creation;
        }

        /// <param name="codec">Reads the answer; null for a notify.</param>
        internal unsafe Task<T> Begin<T>(
            bool isRequest, string route, byte[] body, ICodec codec, CallOptions options, CancellationToken cancellation)
        {
            if (cancellation.IsCancellationRequested) return Task.FromCanceled<T>(cancellation);
            byte[] name, key;
            try
            {
                name = Utf8.Write(route);
                key = Utf8.Write(options.Queue.Key);
            }
            catch (EncoderFallbackException error)
            {
                return Task.FromException<T>(new NotSentException("route", "the route or key has no form in UTF-8", false, error));
            }
            var pending = new PendingCall<T>(route, codec, _creation);
            ulong id = 0;
            int status;
            fixed (byte* namePointer = name, bodyPointer = body, keyPointer = key)
            {
                NativeCall call;
                NativeMethods.pitaya_call_init(&call);
                call.Route = View(namePointer, name);
                call.Body = View(bodyPointer, body);
                call.Key = View(keyPointer, key);
                Write(options, ref call);
                // An answer that is polled by another thread meanwhile finds its call.
                lock (_pending)
                {
                    _host?.Tick();
                    status = isRequest
                        ? NativeMethods.pitaya_request(_client, &call, &id)
                        : NativeMethods.pitaya_notify(_client, &call, &id);
                    if (status == Status.Ok) _pending.Add(id, pending);
                }
            }
            if (status > 0) return Task.FromException<T>(Reading.NotSent(status, NativeMethods.LastError(), status == CallError.QueueFull));
            if (status < 0) return Task.FromException<T>(NativeMethods.Misuse(status));
            if (cancellation.CanBeCanceled) ListenTo(cancellation, id, pending);
            return pending.Task;
        }

        /// <summary>A call has ended.</summary>
        internal void End(ref NativeEvent ended)
        {
            PendingCall pending;
            lock (_pending)
            {
                if (!_pending.TryGetValue(ended.Call, out pending)) return;
                _pending.Remove(ended.Call);
            }
            pending.End(ref ended);
        }

        /// <summary>The client is gone: no event tells of these any more.</summary>
        internal void FailAll(CloseReason gone)
        {
            List<PendingCall> all;
            lock (_pending)
            {
                all = new List<PendingCall>(_pending.Values);
                _pending.Clear();
            }
            foreach (var pending in all) pending.Fail(new DisconnectedException(gone.Reason, gone, true, false));
        }

        private void ListenTo(CancellationToken cancellation, ulong id, PendingCall pending)
        {
            pending.Keep(cancellation.Register(() =>
            {
                NativeMethods.pitaya_cancel(_client, id);
                pending.Cancel(cancellation);
            }));
        }

        private static unsafe NativeBytes View(byte* pointer, byte[] bytes)
        {
            return new NativeBytes { Data = (IntPtr)pointer, Length = (UIntPtr)(bytes == null ? 0 : bytes.Length) };
        }

        private static void Write(CallOptions options, ref NativeCall call)
        {
            if (options.Timeout.HasValue) call.TimeoutMs = Math.Max(1, OptionsWriter.Milliseconds(options.Timeout.Value));
            call.Queue = options.Queue.Policy;
            if (options.Queue.Policy != 1) return;
            call.QueueItems = (uint)options.Queue.Items;
            call.QueueBytes = (uint)options.Queue.Bytes;
            call.QueueAgeMs = OptionsWriter.Milliseconds(options.Queue.Age);
        }
    }
}
