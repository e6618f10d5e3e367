namespace Pitaya.Host
{
    /// <summary>Where a socket stands.</summary>
    internal enum SocketState
    {
        Connecting = 0,
        Open = 1,
        Closed = 2,
    }

    /// <summary>A connection that the program owns. It is asked, and never calls.</summary>
    internal interface IHostSocket
    {
        /// <summary>Whether it carries whole messages, as a WebSocket does, or bytes.</summary>
        bool CarriesMessages { get; }

        SocketState State { get; }

        /// <summary>The length of the oldest message, or of the bytes that have come; -1 when there is nothing.</summary>
        int Next();

        /// <summary>Copies and removes it; its length, or -1.</summary>
        int Read(byte[] into);

        /// <summary>Whether it was taken.</summary>
        bool Send(byte[] bytes, int length);

        /// <summary>Bytes that were given and are not sent yet.</summary>
        int Buffered { get; }

        /// <summary>The WebSocket's close code; 0 before, and where there was none.</summary>
        int CloseCode { get; }

        void Close();
    }

    /// <summary>Opens connections.</summary>
    internal interface IHostSockets
    {
        /// <summary>Null when the address is refused.</summary>
        IHostSocket Open(string url);
    }
}
