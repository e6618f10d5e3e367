import Foundation
import PitayaNative

extension PitayaClient {
    /// Where a client stands.
    public enum State: Sendable, Hashable {
        /// Not started yet.
        case idle

        /// The first connection is being made.
        case connecting

        /// Messages go both ways.
        case connected

        /// The connection was lost, or the first one failed where that is retried, and it is tried again: which attempt comes or is being made,
        /// from 1; in how many seconds from the moment of the change, nil while it is being made (pausing and being offline put it off); and why
        /// the last connection or attempt ended.
        case reconnecting(attempt: Int, nextIn: TimeInterval?, cause: CloseReason)

        /// There is no connection and this client will make none: how the last connection or attempt ended, and whether the client would have come
        /// back and had no attempt left; otherwise the end itself was final.
        case closed(reason: CloseReason, exhausted: Bool)
    }
}

extension PitayaClient.State {
    init(_ native: PitayaNative.State) {
        self = switch native {
        case .idle: .idle
        case .connecting: .connecting
        case .connected: .connected
        case let .reconnecting(attempt, nextInMs, cause):
            .reconnecting(attempt: Int(attempt), nextIn: nextInMs.map(seconds), cause: CloseReason(cause))
        case let .closed(reason, exhausted):
            .closed(reason: CloseReason(reason), exhausted: exhausted)
        }
    }
}
