using System;
using System.Collections.Generic;
using System.Diagnostics;
using Pitaya.Native;

namespace Pitaya.Host
{
    /// <summary>
    /// Moves bytes between a client of the library that has no network and a socket of the program. One thread runs it: the one that polls.
    /// </summary>
    internal sealed unsafe class HostLoop
    {
        /// <summary>No more is handed to a socket that holds this many bytes: the library's limits count what waits, a socket's do not.</summary>
        private const int MostBuffered = 64 * 1024;

        /// <summary>"It broke", which no close frame carries (RFC 6455 section 7.4.1).</summary>
        private const int Broken = 1006;

        private readonly IHostSockets _sockets;
        private readonly IReadOnlyList<string> _endpoints;
        private readonly ulong _client;
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private byte[] _in = new byte[4096];
        private byte[] _out = new byte[4096];
        private IHostSocket _socket;
        private string _url = "";
        private bool _opened;
        private int _attempts;

        internal HostLoop(ulong client, IReadOnlyList<string> endpoints, IHostSockets sockets)
        {
            _client = client;
            _endpoints = endpoints;
            _sockets = sockets;
        }

        private ulong Now => (ulong)(_clock.ElapsedTicks / (Stopwatch.Frequency / 1e6));

        /// <summary>Says the time, so that what follows happens now.</summary>
        internal void Tick()
        {
            NativeMethods.pitaya_host_tick(_client, Now);
        }

        /// <summary>Hands over what came. Call it before a poll.</summary>
        internal void Receive()
        {
            Tick();
            if (_socket == null) return;
            var state = _socket.State;
            if (state != SocketState.Connecting && !_opened && (state == SocketState.Open || _socket.Next() >= 0))
            {
                _opened = true;
                NativeMethods.pitaya_host_opened(_client, Now, _socket.CarriesMessages ? Transport.Messages : Transport.Stream);
                Transmit();
            }
            if (_opened) Feed();
            // What came before the end was read first.
            if (state == SocketState.Closed && _socket != null && _socket.Next() < 0) Ended();
        }

        /// <summary>Sends what is there. Call it after a poll, and after its events were heard.</summary>
        internal void Transmit()
        {
            while (_opened && _socket.State == SocketState.Open && _socket.Buffered < MostBuffered)
            {
                UIntPtr length;
                int status;
                fixed (byte* bytes = _out)
                {
                    status = NativeMethods.pitaya_host_transmit(_client, bytes, (UIntPtr)_out.Length, &length);
                }
                if (status == Status.BufferTooSmall)
                {
                    _out = new byte[(int)length];
                    continue;
                }
                if (status != Status.Ok || (int)length == 0) return;
                // A socket that takes no more has ended, and says so at the next poll.
                if (!_socket.Send(_out, (int)length)) return;
            }
        }

        /// <summary>The library wants a connection.</summary>
        /// <param name="elsewhere">Where the last server said to go; empty for the application's own addresses.</param>
        internal void Connect(string elsewhere)
        {
            Drop();
            var own = _endpoints[_attempts++ % _endpoints.Count];
            // It is the server's word, which does not lead out of TLS.
            _url = elsewhere.Length == 0 || (IsSecret(own) && !IsSecret(elsewhere)) ? own : elsewhere;
            _socket = _sockets.Open(_url);
            if (_socket == null) Fail(_url + " is no address that can be opened", false);
        }

        /// <summary>The library wants the connection closed, once what it still has to say is sent.</summary>
        internal void Disconnect()
        {
            if (_socket != null) Transmit();
            Drop();
        }

        private static bool IsSecret(string url)
        {
            return url.StartsWith("wss:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("tls:", StringComparison.OrdinalIgnoreCase);
        }

        private void Feed()
        {
            while (_socket != null && WantsBytes())
            {
                var length = _socket.Next();
                if (length < 0) return;
                if (length > _in.Length) _in = new byte[length];
                length = _socket.Read(_in);
                if (length < 0) return;
                fixed (byte* bytes = _in)
                {
                    var came = new NativeBytes { Data = (IntPtr)bytes, Length = (UIntPtr)length };
                    NativeMethods.pitaya_host_feed(_client, Now, came);
                }
            }
        }

        private bool WantsBytes()
        {
            uint wants;
            return NativeMethods.pitaya_host_wants_bytes(_client, &wants) == Status.Ok && wants != 0;
        }

        private void Ended()
        {
            var code = _socket.CloseCode;
            if (!_opened)
            {
                Fail(_url + " cannot be reached", true);
            }
            else if (code == 0 || code == Broken)
            {
                using (var pinned = new Pinned()) NativeMethods.pitaya_host_lost(_client, Now, pinned.Text("the connection broke"));
            }
            else
            {
                NativeMethods.pitaya_host_closed(_client, Now, (ushort)code, default(NativeBytes));
            }
            Drop();
        }

        private void Fail(string reason, bool retryable)
        {
            using (var pinned = new Pinned())
            {
                NativeMethods.pitaya_host_failed(_client, Now, pinned.Text(reason), retryable ? 1u : 0);
            }
        }

        private void Drop()
        {
            _socket?.Close();
            _socket = null;
            _opened = false;
        }
    }
}
