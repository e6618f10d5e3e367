import Foundation
import PitayaNative

/// How a connection ended, and what is advised to do next.
public struct CloseReason: Sendable, Hashable {
    /// 0 to 99: on purpose; 100 to 399: by circumstances, the client comes back; 400 to 499: the protocol was broken; 500 to 899: the server does
    /// not want this client; 900 to 999: the application's own.
    public let code: Int

    /// Text for people.
    public let reason: String

    /// Which side ended it.
    public let origin: Origin

    /// Whether the server threw this client out or refused it.
    public let isKicked: Bool

    /// Whether the client comes back by itself.
    public let reconnects: Bool

    /// How long the server asks to stay away, in seconds.
    public let retryAfter: TimeInterval?

    /// Where the server says to come back to, a URL.
    public let endpoint: String?

    /// Which side ended a connection.
    public enum Origin: Sendable, Hashable {
        /// This program.
        case local
        /// The server.
        case peer
        /// This library, because the server broke the protocol or a limit.
        case fault
        /// Nobody: the transport failed.
        case transport
    }
}

extension CloseReason {
    init(_ native: PitayaNative.CloseReason) {
        code = Int(native.code)
        reason = native.reason
        origin = switch native.origin {
        case .local: .local
        case .peer: .peer
        case .fault: .fault
        case .transport: .transport
        }
        isKicked = native.kicked
        reconnects = native.reconnect
        retryAfter = native.retryAfterMs.map(seconds)
        endpoint = native.endpoint
    }
}
