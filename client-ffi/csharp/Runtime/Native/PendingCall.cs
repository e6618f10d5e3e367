using System;
using System.Threading;
using System.Threading.Tasks;

namespace Pitaya.Native
{
    /// <summary>A call that has not ended, as far as this program has polled.</summary>
    internal abstract class PendingCall
    {
        private CancellationTokenRegistration _registration;
        private bool _ended;

        /// <summary>Completes the call with an event that says how it ended. A body that cannot be read fails it.</summary>
        internal void End(ref NativeEvent ended)
        {
            Over();
            if (ended.Status == Status.Ok) Succeed(Utf8.Copy(ended.Body));
            else if (ended.Status == CallError.Cancelled) Cancel(CancellationToken.None);
            else Fail(Reading.Failure(ref ended));
        }

        internal void Fail(Exception error)
        {
            Over();
            FailTask(error);
        }

        /// <summary>Keeps what listens for a cancellation until the call has ended.</summary>
        internal void Keep(CancellationTokenRegistration registration)
        {
            lock (this)
            {
                if (!_ended)
                {
                    _registration = registration;
                    return;
                }
            }
            registration.Dispose();
        }

        /// <summary>Completes the call as cancelled; its event is still to come, and finds it completed.</summary>
        internal abstract void Cancel(CancellationToken token);

        protected abstract void Succeed(byte[] body);

        protected abstract void FailTask(Exception error);

        private void Over()
        {
            CancellationTokenRegistration registration;
            lock (this)
            {
                _ended = true;
                registration = _registration;
                _registration = default(CancellationTokenRegistration);
            }
            registration.Dispose();
        }
    }

    /// <summary>A call whose result is a <typeparamref name="T"/>.</summary>
    internal sealed class PendingCall<T> : PendingCall
    {
        private readonly TaskCompletionSource<T> _source;
        private readonly string _route;
        private readonly ICodec _codec;

        /// <param name="codec">Reads the answer; null for a call without one.</param>
        internal PendingCall(string route, ICodec codec, TaskCreationOptions creation)
        {
            _route = route;
            _codec = codec;
            _source = new TaskCompletionSource<T>(creation);
        }

        internal Task<T> Task => _source.Task;

        internal override void Cancel(CancellationToken token)
        {
            _source.TrySetCanceled(token);
        }

        protected override void Succeed(byte[] body)
        {
            T read;
            try
            {
                read = _codec == null ? default(T) : _codec.Decode<T>(body);
            }
            catch (Exception error)
            {
                _source.TrySetException(Reading.Unreadable(_route, error));
                return;
            }
            _source.TrySetResult(read);
        }

        protected override void FailTask(Exception error)
        {
            _source.TrySetException(error);
        }
    }
}
