using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Pitaya.Native
{
    /// <summary>Who waits for a client to be connected, or closed.</summary>
    internal sealed class Waiters
    {
        private readonly TaskCreationOptions _creation;
        private readonly List<TaskCompletionSource<bool>> _connected = new List<TaskCompletionSource<bool>>();
        private readonly List<TaskCompletionSource<ClientState>> _closed = new List<TaskCompletionSource<ClientState>>();

        internal Waiters(TaskCreationOptions creation)
        {
            _creation = creation;
        }

        /// <param name="state">Is asked while nobody can change who waits: no change is missed.</param>
        internal Task Connected(Func<ClientState> state, Func<Exception> unconnected, CancellationToken cancellation)
        {
            if (cancellation.IsCancellationRequested) return Task.FromCanceled(cancellation);
            var waiter = new TaskCompletionSource<bool>(_creation);
            lock (_connected)
            {
                var kind = state().Kind;
                if (kind == StateKind.Connected) return Task.FromResult(true);
                if (kind == StateKind.Closed) return Task.FromException(unconnected());
                _connected.Add(waiter);
            }
            return cancellation.CanBeCanceled ? Cancellable(waiter, cancellation) : waiter.Task;
        }

        internal Task<ClientState> Closed(Func<ClientState> state)
        {
            var waiter = new TaskCompletionSource<ClientState>(_creation);
            lock (_connected)
            {
                var now = state();
                if (now.Kind == StateKind.Closed) return Task.FromResult(now);
                _closed.Add(waiter);
            }
            return waiter.Task;
        }

        internal void Connect()
        {
            foreach (var waiter in Taken(_connected)) waiter.TrySetResult(true);
        }

        internal void Close(ClientState state, Exception unconnected)
        {
            foreach (var waiter in Taken(_connected)) waiter.TrySetException(unconnected);
            foreach (var waiter in Taken(_closed)) waiter.TrySetResult(state);
        }

        private async Task Cancellable(TaskCompletionSource<bool> waiter, CancellationToken cancellation)
        {
            using (cancellation.Register(() => Cancel(waiter, cancellation))) await waiter.Task;
        }

        private void Cancel(TaskCompletionSource<bool> waiter, CancellationToken cancellation)
        {
            lock (_connected) _connected.Remove(waiter);
            waiter.TrySetCanceled(cancellation);
        }

        private TaskCompletionSource<T>[] Taken<T>(List<TaskCompletionSource<T>> waiters)
        {
            lock (_connected)
            {
                var taken = waiters.ToArray();
                waiters.Clear();
                return taken;
            }
        }
    }
}
