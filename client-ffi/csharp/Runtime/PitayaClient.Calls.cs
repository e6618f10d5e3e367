using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;
using Pitaya.Native;

namespace Pitaya
{
    /// <content>What is said to the server.</content>
    public sealed partial class PitayaClient
    {
        /// <summary>Sends a request and returns the server's answer.</summary>
        /// <param name="route">Where it goes, as <c>room.join</c>.</param>
        /// <param name="body">Its payload, which the codec writes.</param>
        /// <param name="cancellation">Gives the request up; the server may still act on it.</param>
        /// <exception cref="ServerException">The server answered with an error.</exception>
        /// <exception cref="RequestTimeoutException">No answer came in time.</exception>
        /// <exception cref="DisconnectedException">The connection ended first.</exception>
        /// <exception cref="NotSentException">It was never given to the network.</exception>
        /// <exception cref="DecodeException">The answer cannot be read.</exception>
        public Task<TRes> RequestAsync<TReq, TRes>(string route, TReq body, CancellationToken cancellation = default(CancellationToken))
        {
            return RequestAsync<TReq, TRes>(route, body, default(CallOptions), cancellation);
        }

        /// <summary>The same with settings of this call.</summary>
        public Task<TRes> RequestAsync<TReq, TRes>(
            string route, TReq body, CallOptions options, CancellationToken cancellation = default(CancellationToken))
        {
            byte[] bytes;
            try
            {
                bytes = _options.Codec.Encode(body);
            }
            catch (Exception error)
            {
                return Task.FromException<TRes>(Unwritable(route, error));
            }
            return Begin<TRes>(true, route, bytes, _options.Codec, options, cancellation);
        }

        /// <summary>Sends a request without a body.</summary>
        public Task<TRes> RequestAsync<TRes>(
            string route, CallOptions options = default(CallOptions), CancellationToken cancellation = default(CancellationToken))
        {
            return Begin<TRes>(true, route, null, _options.Codec, options, cancellation);
        }

        /// <summary>Sends what is not answered. The task ends when the network has taken it.</summary>
        /// <exception cref="NotSentException">It was never given to the network.</exception>
        /// <exception cref="DisconnectedException">The connection ended first.</exception>
        public Task NotifyAsync<T>(
            string route, T body, CallOptions options = default(CallOptions), CancellationToken cancellation = default(CancellationToken))
        {
            byte[] bytes;
            try
            {
                bytes = _options.Codec.Encode(body);
            }
            catch (Exception error)
            {
                return Task.FromException(Unwritable(route, error));
            }
            return Begin<bool>(false, route, bytes, null, options, cancellation);
        }

        /// <summary>Sends a notify without a body.</summary>
        public Task NotifyAsync(
            string route, CallOptions options = default(CallOptions), CancellationToken cancellation = default(CancellationToken))
        {
            return Begin<bool>(false, route, null, null, options, cancellation);
        }

        /// <summary>
        /// Sends a notify and does not tell what becomes of it: a position that the next frame sends anew. It throws what is known at once, as
        /// <see cref="NotifyAsync{T}"/> does.
        /// </summary>
        public void Notify<T>(string route, T body, CallOptions options = default(CallOptions))
        {
            var sent = NotifyAsync(route, body, options);
            if (sent.IsFaulted) ExceptionDispatchInfo.Capture(sent.Exception.InnerException).Throw();
        }

        private Task<T> Begin<T>(bool isRequest, string route, byte[] body, ICodec codec, CallOptions options, CancellationToken cancellation)
        {
            if (IsDisposed) return Task.FromException<T>(new ObjectDisposedException(nameof(PitayaClient)));
            if (options.Queue == null) options.Queue = _options.Queue;
            return _calls.Begin<T>(isRequest, route, body, codec, options, cancellation);
        }

        private static NotSentException Unwritable(string route, Exception error)
        {
            return new NotSentException("encode", "the body for " + route + " cannot be written: " + error.Message, false, error);
        }
    }
}
