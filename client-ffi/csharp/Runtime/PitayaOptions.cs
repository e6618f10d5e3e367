using System;
using System.Collections.Generic;

namespace Pitaya
{
    /// <summary>Settings of a client. All have a default that works.</summary>
    public sealed class PitayaOptions
    {
        /// <summary>How bodies are written and read. Default: JSON.</summary>
        public ICodec Codec { get; set; } = new JsonCodec();

        /// <summary>The <c>user</c> object of the handshake, as JSON. Default: an empty one.</summary>
        public string UserJson { get; set; }

        /// <summary>
        /// Makes <see cref="UserJson"/> anew for each attempt, for example with a fresh token. It is called by <see cref="PitayaClient.Connect"/> and
        /// by the poll that finds a connection lost: poll more often than attempts are made. A client whose function throws is closed. Default: none.
        /// </summary>
        public Func<string> UserForEachAttempt { get; set; }

        /// <summary>What becomes of calls without a connection, where a call does not say. Default: they fail.</summary>
        public Queue Queue { get; set; } = Queue.Fail;

        /// <summary>Calls that waited for a connection leave at <see cref="PitayaClient.Release"/> only. Default: no.</summary>
        public bool HoldQueue { get; set; }

        /// <summary>Time for one attempt to open a connection. Default: 10 s.</summary>
        public TimeSpan? ConnectTimeout { get; set; }

        /// <summary>Time from the open connection to the server's handshake response. Default: 10 s.</summary>
        public TimeSpan? HandshakeTimeout { get; set; }

        /// <summary>Time for an answer where a request says none. Default: 10 s.</summary>
        public TimeSpan? RequestTimeout { get; set; }

        /// <summary>Head start of each address over the next. Default: 1.5 s.</summary>
        public TimeSpan? Race { get; set; }

        /// <summary>When and how often to come back.</summary>
        public Reconnect Reconnect { get; set; } = new Reconnect();

        /// <summary>Whom to trust over <c>tls://</c> and <c>wss://</c>; in WebGL the browser decides. Default: whom the system trusts.</summary>
        public Tls Tls { get; set; } = new Tls();

        /// <summary>Headers of the HTTP request of <c>ws://</c> and <c>wss://</c>; a browser sends none. Default: none.</summary>
        public IReadOnlyDictionary<string, string> Headers { get; set; }

        /// <summary>What the handshake says of the application.</summary>
        public ClientInfo ClientInfo { get; set; } = new ClientInfo();

        /// <summary>The extensions of the wire that are offered. Default: all.</summary>
        public Capabilities Capabilities { get; set; } = Capabilities.All;

        /// <summary>Most of everything.</summary>
        public Limits Limits { get; set; } = new Limits();

        /// <summary>Who polls. Default: <see cref="Pump.Automatic"/>.</summary>
        public Pump Pump { get; set; } = Pump.Automatic;

        /// <summary>
        /// <see cref="Pump.Automatic"/> outside of Unity: the time between two polls, which is how late news are at most. Default: 5 ms.
        /// </summary>
        public TimeSpan PumpInterval { get; set; } = TimeSpan.FromMilliseconds(5);
    }

    /// <summary>Who polls a client.</summary>
    public enum Pump
    {
        /// <summary>
        /// Polls by itself: on the <see cref="System.Threading.SynchronizationContext"/> of the thread that makes the client, which in Unity is
        /// the main thread, once per frame; on the thread pool where there is none.
        /// </summary>
        Automatic = 0,
        /// <summary>The program calls <see cref="PitayaClient.Poll"/>, once per frame.</summary>
        Manual = 1,
    }

    /// <summary>When and how often to come back: after a random time of at most <see cref="Base"/>, then twice that, up to <see cref="Max"/>.</summary>
    public sealed class Reconnect
    {
        /// <summary>Default: 0.5 s.</summary>
        public TimeSpan? Base { get; set; }

        /// <summary>Default: 30 s.</summary>
        public TimeSpan? Max { get; set; }

        /// <summary>Share of each time that is random, in percent. Default: 100.</summary>
        public int? JitterPercent { get; set; }

        /// <summary>Attempts in a row; 0 never comes back. Default: without end.</summary>
        public int? Attempts { get; set; }

        /// <summary>How long a connection must have been open for attempts to count anew. Default: 10 s.</summary>
        public TimeSpan? Stable { get; set; }

        /// <summary>Whether a first connection that fails is tried again. Default: no.</summary>
        public bool First { get; set; }
    }

    /// <summary>Whom to trust, and who the client says it is. The host name is always checked.</summary>
    public sealed class Tls
    {
        /// <summary>Trusts these certificates, as PEM, instead of the operating system's.</summary>
        public string RootsPem { get; set; }

        /// <summary>Also demands that the server's public key is one of these: <c>sha256/</c> and 44 characters of base64.</summary>
        public IReadOnlyList<string> Pins { get; set; }

        /// <summary>A certificate chain for servers that ask for one, the own first, as PEM; with <see cref="IdentityKeyPem"/>.</summary>
        public string IdentityChainPem { get; set; }

        /// <summary>The private key of <see cref="IdentityChainPem"/>, as PEM.</summary>
        public string IdentityKeyPem { get; set; }
    }

    /// <summary>What the handshake says of the application.</summary>
    public sealed class ClientInfo
    {
        /// <summary>The application's version.</summary>
        public string Version { get; set; }

        /// <summary>The application's build.</summary>
        public string Build { get; set; }

        /// <summary>The platform; the operating system when left out.</summary>
        public string Platform { get; set; }
    }

    /// <summary>Extensions of the wire.</summary>
    [Flags]
    public enum Capabilities
    {
        /// <summary>None: what every server of the family knows.</summary>
        None = 0,
        /// <summary>Reasons of closes.</summary>
        CloseReason = 1,
        /// <summary>Short numbers for routes of pushes.</summary>
        PushDictionary = 2,
        /// <summary>Several packets in one WebSocket message.</summary>
        ManyPerFrame = 4,
        /// <summary>Heartbeats that come back, which measure the round trip.</summary>
        HeartbeatEcho = 8,
        /// <summary>All of them.</summary>
        All = CloseReason | PushDictionary | ManyPerFrame | HeartbeatEcho,
    }

    /// <summary>Most of everything; null is the library's default, which each says.</summary>
    public sealed class Limits
    {
        /// <summary>Requests without an answer at a time: 1,024.</summary>
        public int? InFlight { get; set; }

        /// <summary>Calls that wait for a connection in all: 1,024.</summary>
        public int? QueueItems { get; set; }

        /// <summary>Bytes of calls that wait for a connection in all: 262,144.</summary>
        public int? QueueBytes { get; set; }

        /// <summary>Longest packet body that is taken from the server: 16,777,215, the most that the wire can say.</summary>
        public int? PacketBytes { get; set; }

        /// <summary>Longest inflated body that is taken from the server: 4 MiB.</summary>
        public int? InflatedBytes { get; set; }

        /// <summary>Pushes that wait for a poll, and those that wait in each <see cref="PushReader{T}"/>: 1,024.</summary>
        public int? Pushes { get; set; }

        /// <summary>Bytes of pushes that wait for a poll: 4 MiB.</summary>
        public int? PushBytes { get; set; }
    }
}
