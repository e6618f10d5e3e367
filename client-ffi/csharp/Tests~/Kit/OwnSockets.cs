using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using Pitaya.Host;

namespace Pitaya.Tests
{
    /// <summary>Sockets of this program: TCP, and WebSocket as a browser gives it, in whole messages.</summary>
    internal sealed class OwnSockets : IHostSockets
    {
        public IHostSocket Open(string url)
        {
            Uri address;
            if (!Uri.TryCreate(url, UriKind.Absolute, out address) || (address.Scheme != "tcp" && address.Scheme != "ws")) return null;
            return address.Scheme == "ws" ? (IHostSocket)new WsSocket(address) : new TcpSocket(address);
        }
    }

    /// <summary>Bytes, as they come.</summary>
    internal class TcpSocket : IHostSocket
    {
        private readonly Socket _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly Task _connected;
        private bool _broken;

        internal TcpSocket(Uri address)
        {
            var host = address.Host == "localhost" ? "127.0.0.1" : address.Host;
            _connected = Task.Factory.FromAsync(_socket.BeginConnect(host, address.Port, null, null), _socket.EndConnect);
        }

        public virtual bool CarriesMessages => false;

        public virtual SocketState State
        {
            get
            {
                if (!_connected.IsCompleted) return SocketState.Connecting;
                return _connected.IsFaulted || Broken() ? SocketState.Closed : SocketState.Open;
            }
        }

        public int Buffered => 0;

        public virtual int CloseCode => 0;

        public virtual int Next()
        {
            var length = Available();
            return length == 0 ? -1 : length;
        }

        public virtual int Read(byte[] into)
        {
            return _socket.Receive(into);
        }

        public virtual bool Send(byte[] bytes, int length)
        {
            try
            {
                return _socket.Send(bytes, length, SocketFlags.None) == length;
            }
            catch (SocketException)
            {
                return false;
            }
        }

        public virtual void Close()
        {
            try
            {
                if (_socket.Connected) _socket.Shutdown(SocketShutdown.Send);
                // What has come is read: a socket that is closed with unread bytes is reset, and a reset overtakes.
                while (Available() > 0) _socket.Receive(new byte[Available()]);
            }
            catch (SocketException)
            {
            }
            _socket.Close();
        }

        private int Available()
        {
            if (!_connected.IsCompleted || _connected.IsFaulted || _broken) return 0;
            return _socket.Available;
        }

        /// <summary>Whether the other side has ended it: it can be read, and there is nothing.</summary>
        private bool Broken()
        {
            try
            {
                _broken = _broken || (_socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0);
            }
            catch (SocketException)
            {
                _broken = true;
            }
            return _broken;
        }
    }

    /// <summary>Whole messages. The frames are RFC 6455's, masked with zeros.</summary>
    internal sealed class WsSocket : TcpSocket
    {
        private const int Text = 1, Binary = 2, Closing = 8;
        private readonly Uri _address;
        private readonly List<byte> _in = new List<byte>();
        private readonly Queue<byte[]> _messages = new Queue<byte[]>();
        private bool _asked, _upgraded;
        private int _code;

        internal WsSocket(Uri address) : base(address)
        {
            _address = address;
        }

        public override bool CarriesMessages => true;

        public override int CloseCode => _code;

        public override SocketState State
        {
            get
            {
                var state = base.State;
                if (state == SocketState.Connecting) return state;
                Ask();
                Take();
                if (_code != 0 || (state == SocketState.Closed && base.Next() < 0)) return SocketState.Closed;
                return _upgraded ? SocketState.Open : SocketState.Connecting;
            }
        }

        public override int Next()
        {
            Take();
            return _messages.Count == 0 ? -1 : _messages.Peek().Length;
        }

        public override int Read(byte[] into)
        {
            var message = _messages.Dequeue();
            message.CopyTo(into, 0);
            return message.Length;
        }

        public override bool Send(byte[] bytes, int length)
        {
            return SendFrame(Binary, bytes, length);
        }

        public override void Close()
        {
            // 1000, as a browser says it of itself.
            if (_upgraded && _code == 0) SendFrame(Closing, new byte[] { 3, 232 }, 2);
            base.Close();
        }

        private void Ask()
        {
            if (_asked) return;
            _asked = true;
            var request = "GET / HTTP/1.1\r\nHost: " + _address.Authority + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
            base.Send(Encoding.ASCII.GetBytes(request), request.Length);
        }

        private bool SendFrame(int code, byte[] bytes, int length)
        {
            var frame = new List<byte> { (byte)(0x80 | code) };
            if (length < 126) frame.Add((byte)(0x80 | length));
            else if (length < 65536) frame.AddRange(new[] { (byte)(0x80 | 126), (byte)(length >> 8), (byte)length });
            else frame.AddRange(new byte[] { 0x80 | 127, 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length });
            frame.AddRange(new byte[4]);
            frame.AddRange(new ArraySegment<byte>(bytes, 0, length));
            return base.Send(frame.ToArray(), frame.Count);
        }

        /// <summary>Reads what has come into messages.</summary>
        private void Take()
        {
            for (var length = base.Next(); length > 0; length = base.Next())
            {
                var bytes = new byte[length];
                base.Read(bytes);
                _in.AddRange(bytes);
            }
            if (!_upgraded)
            {
                var head = Encoding.ASCII.GetString(_in.ToArray());
                var end = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end < 0) return;
                Check.Has("HTTP/1.1 101", head);
                _upgraded = true;
                _in.RemoveRange(0, end + 4);
            }
            while (TakeFrame())
            {
            }
        }

        private bool TakeFrame()
        {
            if (_in.Count < 2) return false;
            int length = _in[1] & 0x7f, head = 2;
            if (length >= 126)
            {
                head = length == 126 ? 4 : 10;
                if (_in.Count < head) return false;
                length = 0;
                for (var at = 2; at < head; at++) length = length << 8 | _in[at];
            }
            if (_in.Count < head + length) return false;
            var body = _in.GetRange(head, length).ToArray();
            var code = _in[0] & 15;
            _in.RemoveRange(0, head + length);
            if (code == Text || code == Binary || code == 0) _messages.Enqueue(body);
            if (code == Closing) _code = length < 2 ? 1005 : body[0] << 8 | body[1];
            return true;
        }
    }
}
