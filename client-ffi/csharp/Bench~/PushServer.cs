using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace Pitaya.Bench
{
    /// <summary>A server for one client: it answers the handshake, and then pushes when it is told to.</summary>
    internal sealed class PushServer : IDisposable
    {
        /// <summary>Kinds of packets (wire 1.1), and the flags of a push (wire 6.1).</summary>
        private const byte Handshake = 1, Ack = 2, Data = 4, PushFlags = 6;

        private readonly TcpListener _listener = new TcpListener(IPAddress.Loopback, 0);
        private readonly Task<TcpClient> _client;
        private readonly byte[] _push;

        internal PushServer(int bodyLength)
        {
            _listener.Start();
            _client = Task.Run(() => Accept());
            var route = Encoding.ASCII.GetBytes("onMove");
            var message = new byte[2 + route.Length + bodyLength];
            message[0] = PushFlags;
            message[1] = (byte)route.Length;
            route.CopyTo(message, 2);
            _push = Packet(Data, message);
        }

        internal string Url => "tcp://127.0.0.1:" + ((IPEndPoint)_listener.LocalEndpoint).Port;

        internal void Push(int count)
        {
            var all = new byte[_push.Length * count];
            for (var at = 0; at < count; at++) _push.CopyTo(all, at * _push.Length);
            var stream = _client.Result.GetStream();
            Task.Run(() => stream.Write(all, 0, all.Length));
        }

        public void Dispose()
        {
            _client.Result.Close();
            _listener.Stop();
        }

        private TcpClient Accept()
        {
            var client = _listener.AcceptTcpClient();
            var stream = client.GetStream();
            for (byte kind = 0; kind != Ack;)
            {
                var head = Read(stream, 4);
                kind = head[0];
                Read(stream, head[1] << 16 | head[2] << 8 | head[3]);
                if (kind != Handshake) continue;
                // Heartbeats that never come due in a measurement.
                var answer = Packet(Handshake, Encoding.ASCII.GetBytes("{\"code\":200,\"sys\":{\"heartbeat\":600,\"serializer\":\"json\"}}"));
                stream.Write(answer, 0, answer.Length);
            }
            return client;
        }

        private static byte[] Packet(byte kind, byte[] body)
        {
            var packet = new byte[4 + body.Length];
            packet[0] = kind;
            packet[1] = (byte)(body.Length >> 16);
            packet[2] = (byte)(body.Length >> 8);
            packet[3] = (byte)body.Length;
            body.CopyTo(packet, 4);
            return packet;
        }

        private static byte[] Read(Stream stream, int length)
        {
            var bytes = new byte[length];
            for (var at = 0; at < length;)
            {
                var got = stream.Read(bytes, at, length - at);
                if (got == 0) throw new EndOfStreamException();
                at += got;
            }
            return bytes;
        }
    }
}
