using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Pitaya.Native;

namespace Pitaya
{
    /// <summary>
    /// The pushes of one route, from the moment of asking until the client is disposed. It outlives reconnects.
    /// <code>while (await reader.MoveNextAsync()) Show(reader.Current);</code>
    /// A bounded number waits to be read: the oldest make room for the newest and are counted in <see cref="Missed"/>. One reads at a time.
    /// </summary>
    public sealed class PushReader<T> : IDisposable
    {
        private sealed class Source : Listener
        {
            private readonly Queue<byte[]> _waiting = new Queue<byte[]>();
            private readonly int _capacity;
            private readonly TaskCreationOptions _creation;
            private TaskCompletionSource<bool> _reader;
            private bool _ended;

            internal Source(int capacity, TaskCreationOptions creation)
            {
                _capacity = capacity;
                _creation = creation;
            }

            internal ulong Missed { get; private set; }

            internal override void Hear(byte[] body)
            {
                TaskCompletionSource<bool> reader;
                lock (_waiting)
                {
                    if (_waiting.Count >= _capacity)
                    {
                        _waiting.Dequeue();
                        Missed++;
                    }
                    _waiting.Enqueue(body);
                    reader = _reader;
                    _reader = null;
                }
                reader?.TrySetResult(true);
            }

            internal override void End()
            {
                TaskCompletionSource<bool> reader;
                lock (_waiting)
                {
                    _ended = true;
                    reader = _reader;
                    _reader = null;
                }
                reader?.TrySetResult(false);
            }

            /// <summary>Whether there is a push, now or at last.</summary>
            internal Task<bool> Ready()
            {
                lock (_waiting)
                {
                    if (_waiting.Count > 0) return Task.FromResult(true);
                    if (_ended) return Task.FromResult(false);
                    if (_reader != null) throw new InvalidOperationException("the reader is read already");
                    _reader = new TaskCompletionSource<bool>(_creation);
                    return _reader.Task;
                }
            }

            internal byte[] Take()
            {
                lock (_waiting)
                {
                    return _waiting.Dequeue();
                }
            }

            internal void Forget()
            {
                lock (_waiting)
                {
                    _waiting.Clear();
                }
            }
        }

        private readonly string _route;
        private readonly ICodec _codec;
        private readonly Source _source;
        private readonly IDisposable _subscription;

        internal PushReader(PitayaClient client, string route, ICodec codec, int capacity, TaskCreationOptions creation)
        {
            _route = route;
            _codec = codec;
            _source = new Source(capacity, creation);
            _subscription = client.Listen(route, _source);
        }

        /// <summary>The push that <see cref="MoveNextAsync"/> has moved to.</summary>
        public T Current { get; private set; }

        /// <summary>How many pushes were dropped because they were not read in time, so far.</summary>
        public ulong Missed => _source.Missed;

        /// <summary>Waits for the next push; false at the end.</summary>
        /// <exception cref="DecodeException">The body cannot be read; the next push can be asked for all the same.</exception>
        public async Task<bool> MoveNextAsync()
        {
            if (!await _source.Ready()) return false;
            var body = _source.Take();
            try
            {
                Current = _codec.Decode<T>(body);
            }
            catch (Exception error)
            {
                throw Reading.Unreadable(_route, error);
            }
            return true;
        }

        /// <summary>Ends it, and lets go of what waits.</summary>
        public void Dispose()
        {
            _subscription.Dispose();
            _source.Forget();
            _source.End();
        }
    }
}
