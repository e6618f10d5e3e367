import Foundation
import PitayaNative

/// What everything of this library throws. A cancelled task throws `CancellationError`, as ever.
public struct PitayaError: Error, Sendable {
    /// What programs tell failures apart by. New ones may be added.
    public let kind: Kind

    /// The server's own code with ``Kind/server``: `PIT-404`, for example, is a route that it does not have. Otherwise the name of the kind.
    public let code: String

    /// Text for people; the server's own with ``Kind/server``.
    public let message: String

    /// What the server says besides, by name, with ``Kind/server``.
    public var metadata: [String: String] = [:]

    /// Whether the message may have reached the server, which may have acted on it.
    public var isSent = false

    /// Whether the same may work later, without a change of what was asked.
    public var isRetryable = false

    /// The time that the request had, in seconds, with ``Kind/timeout``.
    public var after: TimeInterval?

    /// How the connection ended, with ``Kind/disconnected``, ``Kind/refused`` and ``Kind/closed``.
    public var reason: CloseReason?

    /// What went wrong at each address, with ``Kind/unreachable``.
    public var endpoints: [EndpointFailure] = []

    /// What the application's own code threw: its codec, or the function that makes the user.
    public var underlying: (any Error)?

    /// Kinds of failure.
    public enum Kind: String, Sendable, Hashable {
        /// The server answered a request with an error.
        case server
        /// No answer came in time; one that comes later is dropped.
        case timeout
        /// The connection ended before the answer came, or before a notify was written.
        case disconnected
        /// Not sent: there is no connection and the call does not wait for one, or there never will be one.
        case notConnected = "not-connected"
        /// Not sent: too many calls are in flight or wait.
        case queueFull = "queue-full"
        /// Not sent: it waited for a connection for as long as it may.
        case expired
        /// Not sent: a newer call took its place, under ``PitayaClient/Queue/latestOnly(key:)``.
        case superseded
        /// Not sent: the body is over 16,777,215 bytes.
        case tooLarge = "too-large"
        /// Not sent: the route is malformed or over 255 bytes.
        case route
        /// Not sent: the codec cannot write the body.
        case encode
        /// The body of an answer or a push cannot be read.
        case decode
        /// Connecting: an address is none.
        case url
        /// Connecting: the `user` is no JSON object.
        case user
        /// Another setting cannot be used.
        case settings
        /// Connecting: no address could be connected to, or the user was not to be had.
        case unreachable
        /// Connecting: the server refused this client, or threw it out at once.
        case refused
        /// Connecting: the connection ended otherwise before it was usable.
        case closed
        /// A fault of this library.
        case `internal`
    }
}

/// What went wrong at one of the addresses.
public struct EndpointFailure: Sendable, Hashable {
    /// Its URL.
    public let endpoint: String
    /// Text for people.
    public let message: String
    /// Whether trying again later could succeed.
    public let isRetryable: Bool
}

extension PitayaError: LocalizedError {
    public var errorDescription: String? { message }
}

extension PitayaError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}

extension PitayaError {
    init(_ kind: Kind, _ message: String, underlying: (any Error)? = nil) {
        self.kind = kind
        code = kind.rawValue
        self.message = message
        self.underlying = underlying
    }

    init(_ failure: PitayaNative.Failure) {
        kind = Kind(failure.kind)
        code = failure.server?.code ?? kind.rawValue
        message = failure.message
        metadata = failure.server?.metadata ?? [:]
        isSent = failure.sent
        isRetryable = failure.retryable
        after = failure.afterMs.map(seconds)
        reason = failure.close.map(CloseReason.init)
        endpoints = failure.endpoints.map {
            EndpointFailure(endpoint: $0.endpoint, message: $0.message, isRetryable: $0.retryable)
        }
    }

    /// What a call into the library threw, in this package's words.
    static func of(_ error: any Error) -> any Error {
        guard case let PitayaNative.PitayaError.Failed(failure) = error else {
            return PitayaError(.internal, error.localizedDescription, underlying: error)
        }
        return failure.kind == .cancelled ? CancellationError() : PitayaError(failure)
    }
}

private extension PitayaError.Kind {
    init(_ native: PitayaNative.FailureKind) {
        self = switch native {
        case .server: .server
        case .timeout: .timeout
        case .disconnected: .disconnected
        case .notConnected: .notConnected
        case .queueFull: .queueFull
        case .expired: .expired
        case .superseded: .superseded
        case .tooLarge: .tooLarge
        case .route: .route
        case .decode: .decode
        case .url: .url
        case .user: .user
        case .settings: .settings
        case .unreachable: .unreachable
        case .refused: .refused
        case .closed: .closed
        // A cancelled call is told by `CancellationError`.
        case .cancelled, .internal: .internal
        }
    }
}
