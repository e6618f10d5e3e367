import Foundation
import PitayaNative

extension PitayaClient {
    /// What a client is made with. All times are in seconds.
    public struct Options: Sendable {
        /// How bodies are written and read; one of several is chosen by the server's handshake.
        public var codecs: [any Codec] = [JSONCodec()]

        /// The serializers that the application has; a server with another one refuses it. Nil: those of the codecs.
        public var serializers: [Serializer]?

        /// What the handshake says of the user.
        public var user = User.none

        /// What becomes of calls without a connection, where a call does not say.
        public var queue = Queue.fail

        /// Time to open a connection.
        public var timeout: TimeInterval = 10

        /// Time from there to the server's handshake.
        public var handshakeTimeout: TimeInterval = 10

        /// Time for an answer where a request does not say.
        public var requestTimeout: TimeInterval = 10

        /// Head start of each address over the next.
        public var race: TimeInterval = 1.5

        /// When and how often to come back.
        public var reconnect = Reconnect()

        /// Calls that waited leave at ``PitayaClient/release()`` only.
        public var holdsQueue = false

        /// Whom to trust; the operating system's certificates where nothing is said.
        public var tls: TLS?

        /// Headers of the HTTP request of `ws://` and `wss://`.
        public var headers: [String: String] = [:]

        /// What the handshake says of the application.
        public var clientInfo = ClientInfo()

        /// Extensions of the wire that are offered; nil is all.
        public var capabilities: [String]?

        /// Most of everything.
        public var limits = Limits()

        /// The defaults.
        public init() {}
    }

    /// What a handshake says of the user.
    public enum User: Sendable {
        /// Nothing.
        case none

        /// The same each time: a value that is a JSON object.
        case value(any Encodable & Sendable)

        /// Made anew for each attempt to connect, for example with a fresh token. What it throws fails the attempt.
        case forEachAttempt(@Sendable () async throws -> any Encodable & Sendable)
    }

    /// When and how often to come back: after a random time of at most ``base``, then twice that, up to ``max``.
    public struct Reconnect: Sendable, Hashable {
        /// Most time before the first attempt.
        public var base: TimeInterval = 0.5

        /// Most time before any attempt.
        public var max: TimeInterval = 30

        /// Share of each time that is random, from 0 to 1.
        public var jitter = 1.0

        /// Attempts in a row: nil is without end, 0 never comes back.
        public var attempts: Int?

        /// How long a connection must have been open for attempts to count anew.
        public var stable: TimeInterval = 10

        /// Whether a first connection that fails is tried again.
        public var retriesFirst = false

        /// The defaults.
        public init() {}
    }

    /// Whom to trust over `tls://` and `wss://`, and who the client says it is. The host name is always checked.
    public struct TLS: Sendable, Hashable {
        /// Trusts these certificates instead of the operating system's.
        public var rootsPEM: Data?

        /// Also demands that the server's public key is one of these: `sha256/` and 44 characters of base64.
        public var pins: [String] = []

        /// A certificate chain to show to servers that ask for one, the own first; with ``identityKeyPEM``.
        public var identityChainPEM: Data?

        /// The private key of ``identityChainPEM``.
        public var identityKeyPEM: Data?

        /// The operating system's trust.
        public init() {}
    }

    /// What the handshake says of the application.
    public struct ClientInfo: Sendable, Hashable {
        public var version: String?
        public var build: String?

        /// Nil is the operating system.
        public var platform: String?

        /// Nothing but the operating system.
        public init() {}
    }

    /// Most of everything; nil is the library's default, which each says.
    public struct Limits: Sendable, Hashable {
        /// Requests without an answer at a time: 1,024.
        public var inFlight: Int?

        /// Calls that wait for a connection in all: 1,024.
        public var queueItems: Int?

        /// Bytes of calls that wait for a connection in all: 262,144.
        public var queueBytes: Int?

        /// Longest packet body that is taken: 16,777,215, the most that the wire can say.
        public var packetBytes: Int?

        /// Longest inflated body that is taken: 4 MiB.
        public var inflatedBytes: Int?

        /// Pushes that wait to be read, of each reader: 256.
        public var pushBuffer: Int?

        /// Bytes of pushes that wait to be read, of each reader: 4 MiB.
        public var pushBufferBytes: Int?

        /// The library's defaults.
        public init() {}
    }
}

extension PitayaClient.Options {
    func native(_ urls: [String]) throws -> PitayaNative.ConnectOptions {
        try PitayaNative.ConnectOptions(
            endpoints: urls,
            serializers: (serializers ?? codecs.map(\.serializer)).map(\.native),
            userJson: user.json(),
            userOnDemand: user.isMadeOnDemand,
            appVersion: clientInfo.version,
            appBuild: clientInfo.build,
            platform: clientInfo.platform,
            capabilities: capabilities,
            tls: tls?.native,
            headers: headers.map { PitayaNative.Header(name: $0.key, value: $0.value) },
            connectTimeoutMs: milliseconds(timeout, "timeout"),
            raceMs: milliseconds(race, "race"),
            handshakeTimeoutMs: milliseconds(handshakeTimeout, "handshakeTimeout"),
            requestTimeoutMs: milliseconds(requestTimeout, "requestTimeout"),
            reconnect: reconnect.native(),
            retryFirst: reconnect.retriesFirst,
            holdQueue: holdsQueue,
            maxInFlight: limit(limits.inFlight, "inFlight"),
            queueItems: limit(limits.queueItems, "queueItems"),
            queueBytes: limit(limits.queueBytes, "queueBytes"),
            maxPacket: limit(limits.packetBytes, "packetBytes"),
            maxInflated: limit(limits.inflatedBytes, "inflatedBytes"),
            pushBuffer: limit(limits.pushBuffer, "pushBuffer"),
            pushBufferBytes: limit(limits.pushBufferBytes, "pushBufferBytes")
        )
    }
}

private extension PitayaClient.Reconnect {
    func native() throws -> PitayaNative.ReconnectOptions {
        guard (0...1).contains(jitter) else {
            throw PitayaError(.settings, "jitter is a share from 0 to 1: \(jitter)")
        }
        return try PitayaNative.ReconnectOptions(
            baseMs: milliseconds(base, "base"),
            maxMs: milliseconds(max, "max"),
            jitterPercent: UInt8((jitter * 100).rounded()),
            attempts: limit(attempts, "attempts"),
            stableMs: milliseconds(stable, "stable")
        )
    }
}

private extension PitayaClient.TLS {
    var native: PitayaNative.TlsOptions {
        PitayaNative.TlsOptions(
            rootsPem: rootsPEM,
            pins: pins,
            identityChainPem: identityChainPEM,
            identityKeyPem: identityKeyPEM
        )
    }
}
