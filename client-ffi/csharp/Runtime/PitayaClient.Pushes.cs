using System;
using Pitaya.Native;

namespace Pitaya
{
    /// <content>What the server says unasked.</content>
    public sealed partial class PitayaClient
    {
        /// <summary>Pushes that wait in a reader where the limits say nothing.</summary>
        private const int ReaderCapacity = 1024;

        /// <summary>
        /// Calls a function with each push of a route, from now on; dispose what it returns to end that. It outlives reconnects. Add listeners
        /// before the client connects to miss nothing: see <see cref="Create(string,PitayaOptions)"/>.
        /// </summary>
        /// <exception cref="ArgumentException">The route is malformed or over 255 bytes.</exception>
        public IDisposable On<T>(string route, Action<T> heard)
        {
            return Listen(route, new PushListener<T>(route, _options.Codec, heard));
        }

        /// <summary>The pushes of a route from now on, to be read one by one.</summary>
        /// <exception cref="ArgumentException">The route is malformed or over 255 bytes.</exception>
        public PushReader<T> Pushes<T>(string route)
        {
            return new PushReader<T>(this, route, _options.Codec, _options.Limits.Pushes ?? ReaderCapacity, Continuations);
        }

        internal IDisposable Listen(string route, Listener listener)
        {
            var name = Utf8.Write(route);
            using (var pinned = new Pinned())
            {
                lock (_subscriptions)
                {
                    if (IsDisposed) throw new ObjectDisposedException(nameof(PitayaClient));
                    NativeMethods.Check(NativeMethods.pitaya_subscribe(_client, pinned.Bytes(name)));
                    _subscriptions.Add(name, listener);
                }
            }
            return new Subscription(this, name, listener);
        }

        private void Forget(byte[] name, Listener listener)
        {
            using (var pinned = new Pinned())
            {
                lock (_subscriptions)
                {
                    // A client that is gone has no subscriptions to take back.
                    if (_subscriptions.Remove(name, listener)) NativeMethods.pitaya_unsubscribe(_client, pinned.Bytes(name));
                }
            }
        }

        /// <summary>Takes a listener back.</summary>
        private sealed class Subscription : IDisposable
        {
            private readonly PitayaClient _client;
            private readonly byte[] _name;
            private readonly Listener _listener;

            internal Subscription(PitayaClient client, byte[] name, Listener listener)
            {
                _client = client;
                _name = name;
                _listener = listener;
            }

            public void Dispose()
            {
                _client.Forget(_name, _listener);
            }
        }
    }
}
