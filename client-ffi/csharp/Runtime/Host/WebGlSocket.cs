#if UNITY_WEBGL && !UNITY_EDITOR
using System.Runtime.InteropServices;
using Pitaya.Native;

namespace Pitaya.Host
{
    /// <summary>The browser's WebSocket, through <c>Plugins/WebGL</c>.</summary>
    internal sealed unsafe class WebGlSocket : IHostSocket
    {
        private readonly int _id;

        private WebGlSocket(int id)
        {
            _id = id;
        }

        /// <summary>Opens them.</summary>
        internal sealed class Factory : IHostSockets
        {
            public IHostSocket Open(string url)
            {
                var text = Utf8.Write(url + "\0");
                fixed (byte* bytes = text)
                {
                    var id = pitaya_socket_open(bytes);
                    return id > 0 ? new WebGlSocket(id) : null;
                }
            }
        }

        public bool CarriesMessages => true;

        public SocketState State => (SocketState)pitaya_socket_state(_id);

        public int Buffered => pitaya_socket_buffered(_id);

        public int CloseCode => pitaya_socket_close_code(_id);

        public int Next()
        {
            return pitaya_socket_next(_id);
        }

        public int Read(byte[] into)
        {
            fixed (byte* bytes = into) return pitaya_socket_read(_id, bytes, into.Length);
        }

        public bool Send(byte[] bytes, int length)
        {
            fixed (byte* from = bytes) return pitaya_socket_send(_id, from, length) != 0;
        }

        public void Close()
        {
            pitaya_socket_close(_id);
        }

        [DllImport("__Internal")] private static extern int pitaya_socket_open(byte* url);
        [DllImport("__Internal")] private static extern int pitaya_socket_state(int id);
        [DllImport("__Internal")] private static extern int pitaya_socket_next(int id);
        [DllImport("__Internal")] private static extern int pitaya_socket_read(int id, byte* into, int capacity);
        [DllImport("__Internal")] private static extern int pitaya_socket_send(int id, byte* bytes, int length);
        [DllImport("__Internal")] private static extern int pitaya_socket_buffered(int id);
        [DllImport("__Internal")] private static extern int pitaya_socket_close_code(int id);
        [DllImport("__Internal")] private static extern void pitaya_socket_close(int id);
    }
}
#endif
