using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Pitaya.Host;
using Pitaya.Native;

namespace Pitaya
{
    /// <summary>
    /// Requests, notifies and pushes over one connection that comes back by itself.
    /// <code>
    /// using (var client = await PitayaClient.ConnectAsync("wss://play.example/"))
    /// using (client.On&lt;Line&gt;("onLine", line => Show(line)))
    ///     var members = await client.RequestAsync&lt;Join, Members&gt;("room.join", new Join { Room = "lobby" });
    /// </code>
    /// Everything may be called from any thread. What is heard comes from <see cref="Poll"/>: from whoever calls it, or see
    /// <see cref="PitayaOptions.Pump"/>.
    /// </summary>
    public sealed partial class PitayaClient : IDisposable
    {
        private readonly ulong _client;
        private readonly PitayaOptions _options;
        private readonly HostLoop _host;
        private readonly Poller _poller;
        private readonly Calls _calls;
        private readonly Subscriptions _subscriptions = new Subscriptions();
        private readonly Waiters _waiters;
        private volatile ClientState _state = ClientState.Idle;
        private volatile Exception _userFailure;
        private int _disposed;

        private PitayaClient(IReadOnlyList<string> urls, PitayaOptions options, IHostSockets sockets)
        {
            _options = options;
            _client = Create(urls, options, sockets != null);
            if (sockets != null) _host = new HostLoop(_client, urls, sockets);
            if (options.Pump == Pump.Automatic) _poller = new Poller(PollByItself, options.PumpInterval);
            // A continuation on the thread pool would hold up the poll that the next one waits for.
            Continuations = _poller != null && _poller.OnThreadPool ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
            _calls = new Calls(_client, _host, Continuations);
            _waiters = new Waiters(Continuations);
        }

        /// <summary>Lets go of a client that was not disposed. Its connection is closed in the background.</summary>
        ~PitayaClient()
        {
            NativeMethods.pitaya_destroy(_client, 0);
        }

        /// <summary>The state has changed.</summary>
        public event Action<ClientState> StateChanged;

        /// <summary>A push came on a route that nobody listens to.</summary>
        public event Action<string> Unhandled;

        /// <summary>
        /// An answer came that no request waits for: true for one whose request had timed out or was cancelled, false for one that the server
        /// made up.
        /// </summary>
        public event Action<bool> Unmatched;

        /// <summary>The round trip was measured anew.</summary>
        public event Action<RoundTrip> Measured;

        /// <summary>
        /// A function that was given to this client has thrown, or a push for it could not be read. The others still run. Where nobody listens,
        /// it is written to Unity's log, or to the standard error.
        /// </summary>
        public event Action<Exception> ListenerFailed;

        /// <summary>Where the client stands, as far as it was polled.</summary>
        public ClientState State => _state;

        /// <summary>How many pushes were dropped in all because they were not polled in time.</summary>
        public ulong MissedPushes { get; private set; }

        internal TaskCreationOptions Continuations { get; }

        /// <summary>Connects to a server and returns the client once it is connected.</summary>
        /// <param name="url">Where it is: <c>tcp://</c>, <c>tls://</c>, <c>ws://</c> or <c>wss://</c>; in WebGL one of the last two.</param>
        /// <param name="options">Settings; all have a default. It polls by itself: see <see cref="Create(string,PitayaOptions)"/> for the other way.</param>
        /// <param name="cancellation">Gives it up, and closes what was opened.</param>
        /// <exception cref="ConnectException">There is no connection and there will be none.</exception>
        public static async Task<PitayaClient> ConnectAsync(
            string url, PitayaOptions options = null, CancellationToken cancellation = default(CancellationToken))
        {
            if (options != null && options.Pump == Pump.Manual)
            {
                throw new ArgumentException("nobody could poll it before it is returned: use Create", nameof(options));
            }
            var client = Create(url, options);
            try
            {
                client.Connect();
                await client.ConnectedAsync(cancellation);
                return client;
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }

        /// <summary>
        /// A client that is not connected yet: to listen before anything can come, or to poll it by hand. <see cref="Connect"/> lets it connect.
        /// </summary>
        /// <exception cref="ConnectException">An address or an option cannot be used.</exception>
        public static PitayaClient Create(string url, PitayaOptions options = null)
        {
            return Create(new[] { url }, options);
        }

        /// <summary>The same with several addresses, in order of preference.</summary>
        public static PitayaClient Create(IReadOnlyList<string> urls, PitayaOptions options = null)
        {
#if UNITY_WEBGL && !UNITY_EDITOR
            return Create(urls, options, new WebGlSocket.Factory());
#else
            return Create(urls, options, null);
#endif
        }

        /// <param name="sockets">Where the library has no network of its own; null where it has.</param>
        internal static PitayaClient Create(IReadOnlyList<string> urls, PitayaOptions options, IHostSockets sockets)
        {
            return new PitayaClient(urls, options ?? new PitayaOptions(), sockets);
        }

        /// <summary>Returns when messages can be sent, now or at last.</summary>
        /// <exception cref="ConnectException">This client is closed, or is before it is connected.</exception>
        public Task ConnectedAsync(CancellationToken cancellation = default(CancellationToken))
        {
            if (IsDisposed) return Task.FromException(new ObjectDisposedException(nameof(PitayaClient)));
            return _waiters.Connected(() => _state, Unconnected, cancellation);
        }

        /// <summary>Returns when the client has ended for good, whoever ended it, with how it ended.</summary>
        public Task<ClientState> ClosedAsync()
        {
            return _waiters.Closed(() => _state);
        }

        /// <summary>Closes the connection: what was sent is written, calls that go on fail. Returns when the connection is gone.</summary>
        public Task CloseAsync()
        {
            if (_state.Kind == StateKind.Idle || IsDisposed) return Task.FromResult(true);
            NativeMethods.pitaya_disconnect(_client);
            return ClosedAsync();
        }

        /// <summary>Wants a connection: tries at once where an attempt is waited for, and connects anew after the end.</summary>
        /// <exception cref="ConnectException">An address cannot be used, or the user function has failed.</exception>
        public void Connect()
        {
            var handle = Handle;
            var before = _state;
            if (before.Kind == StateKind.Idle || before.Kind == StateKind.Closed)
            {
                if (_options.UserForEachAttempt != null) SetUser(MakeUser());
                _userFailure = null;
                // Before anybody can poll what comes of it.
                _state = ClientState.Connecting;
            }
            var status = NativeMethods.pitaya_connect(handle);
            if (status == Status.Ok) return;
            _state = before;
            // Addresses are read when they are needed.
            if (status == Status.InvalidArgument) throw new ConnectException("settings", NativeMethods.LastError(), false, null);
            NativeMethods.Check(status);
        }

        /// <summary>
        /// Ends the client; it never blocks. The connection is closed in the background, calls that go on fail, readers end. More than once is
        /// as good as once.
        /// </summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
            GC.SuppressFinalize(this);
            _poller?.Dispose();
            EndUnlessPolled();
        }

        /// <summary>Says that the program goes to the background: the server's silence does not count, and no connection is tried.</summary>
        public void Pause()
        {
            NativeMethods.Check(NativeMethods.pitaya_pause(Handle));
        }

        /// <summary>Says that it is back: a connection is checked, as it may have died unnoticed, and a lost one is tried at once.</summary>
        public void Resume()
        {
            NativeMethods.Check(NativeMethods.pitaya_resume(Handle));
        }

        /// <summary>
        /// Says whether there is a network, and that it has changed: without one no connection is tried, with one the connection is checked as by
        /// <see cref="Resume"/>.
        /// </summary>
        public void NetworkChanged(bool online)
        {
            NativeMethods.Check(NativeMethods.pitaya_set_online(Handle, online ? 1u : 0));
        }

        /// <summary>Sends the calls that waited for this connection, with <see cref="PitayaOptions.HoldQueue"/>.</summary>
        public void Release()
        {
            NativeMethods.Check(NativeMethods.pitaya_release(Handle));
        }

        /// <summary>The smoothed round trip to the server; null before the first measurement.</summary>
        public unsafe RoundTrip? RoundTrip
        {
            get
            {
                ulong micros;
                uint source;
                NativeMethods.Check(NativeMethods.pitaya_rtt(Handle, &micros, &source));
                if (micros == NativeMethods.Never) return null;
                return new RoundTrip(micros, source);
            }
        }

        /// <summary>What the payloads of this connection are in; <see cref="Pitaya.Serializer.None"/> before that is known.</summary>
        public unsafe Serializer Serializer
        {
            get
            {
                uint serializer;
                NativeMethods.Check(NativeMethods.pitaya_serializer(Handle, &serializer));
                return (Serializer)serializer;
            }
        }

        private bool IsDisposed => Volatile.Read(ref _disposed) != 0;

        /// <summary>The library's number, for who may still use it: a client that is disposed by a listener ends when its poll does.</summary>
        private ulong Handle => IsDisposed ? throw new ObjectDisposedException(nameof(PitayaClient)) : _client;

        private static unsafe ulong Create(IReadOnlyList<string> urls, PitayaOptions options, bool host)
        {
            var version = NativeMethods.pitaya_abi_version();
            if (version != NativeMethods.AbiVersion)
            {
                throw new InternalException("the native library has version " + version + " of its ABI, not " + NativeMethods.AbiVersion);
            }
            if (urls.Count == 0) throw new ConnectException("settings", "there is no address", false, null);
            using (var pinned = new Pinned())
            {
                ulong client;
                int status;
                try
                {
                    var written = OptionsWriter.Write(host ? null : urls, options, pinned);
#if UNITY_WEBGL && !UNITY_EDITOR
                    status = NativeMethods.pitaya_host_create(&written, &client);
#else
                    status = host ? NativeMethods.pitaya_host_create(&written, &client) : NativeMethods.pitaya_create(&written, &client);
#endif
                }
                catch (ArgumentException error)
                {
                    throw new ConnectException("settings", error.Message, false, null, error);
                }
                if (status == Status.InvalidArgument) throw new ConnectException("settings", NativeMethods.LastError(), false, null);
                NativeMethods.Check(status);
                return client;
            }
        }

        private string MakeUser()
        {
            try
            {
                return _options.UserForEachAttempt();
            }
            catch (Exception error)
            {
                throw new ConnectException("user", "the user function has failed: " + error.Message, false, null, error);
            }
        }

        private void SetUser(string json)
        {
            using (var pinned = new Pinned())
            {
                NativeMethods.Check(NativeMethods.pitaya_set_user(Handle, pinned.Text(string.IsNullOrEmpty(json) ? "{}" : json)));
            }
        }

        /// <summary>Why there is no connection.</summary>
        private Exception Unconnected()
        {
            var reason = _state.Reason;
            var failure = _userFailure;
            if (failure != null) return new ConnectException("user", failure.Message, false, reason, failure.InnerException ?? failure);
            if (reason == null) return new ObjectDisposedException(nameof(PitayaClient));
            var code = reason.Kicked ? "refused" : reason.Failure != ConnectFailure.None ? "unreachable" : "closed";
            return new ConnectException(code, reason.ToString(), reason.Reconnect, reason);
        }
    }
}
