using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>
    /// A peer for one client that answers the handshake with bytes that a test gives, then sends what it gives, and answers requests with an error.
    /// </summary>
    internal sealed class WirePeer : IDisposable
    {
        internal const byte Handshake = 1, Ack = 2, Data = 4, Kick = 5;

        /// <summary>The flags of a response with the error bit (wire 6.1).</summary>
        private const byte ErrorAnswer = 0x24;

        private static readonly byte[] Accepted = Encoding.ASCII.GetBytes("{\"code\":200,\"sys\":{\"heartbeat\":60,\"serializer\":\"json\"}}");
        private readonly TcpListener _listener = new TcpListener(IPAddress.Loopback, 0);
        private readonly byte[] _response, _afterAck, _error;

        internal WirePeer(byte[] response = null, byte[] afterAck = null, byte[] error = null)
        {
            _response = response ?? Accepted;
            _afterAck = afterAck ?? new byte[0];
            _error = error ?? new byte[0];
            _listener.Start();
            Task.Run(() => Serve());
        }

        internal string Url => "tcp://127.0.0.1:" + ((IPEndPoint)_listener.LocalEndpoint).Port;

        internal static byte[] Packet(byte kind, byte[] body)
        {
            return new[] { kind, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length }.Concat(body).ToArray();
        }

        public void Dispose()
        {
            _listener.Stop();
        }

        private void Serve()
        {
            try
            {
                using (var client = _listener.AcceptTcpClient())
                {
                    var stream = client.GetStream();
                    while (true)
                    {
                        var head = Read(stream, 4);
                        var body = Read(stream, head[1] << 16 | head[2] << 8 | head[3]);
                        // Ids are small here: one byte behind the flags.
                        var answer = head[0] == Handshake ? Packet(Handshake, _response)
                            : head[0] == Ack ? _afterAck
                            : head[0] == Data ? Packet(Data, new[] { ErrorAnswer, body[1] }.Concat(_error).ToArray())
                            : new byte[0];
                        stream.Write(answer, 0, answer.Length);
                    }
                }
            }
            catch (IOException)
            {
                // The client has ended the connection.
            }
            catch (SocketException)
            {
                // The test has ended before a client came.
            }
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
