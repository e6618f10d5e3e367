import Foundation
import PitayaNative

extension PitayaClient {
    /// What happens to a client beside answers and pushes.
    public enum Event: Sendable, Hashable {
        /// It is in another state.
        case stateChanged(State)

        /// A push came on a route that nobody reads.
        case unhandled(route: String)

        /// An answer came that no request waits for: late, as its request had timed out or was cancelled, or made up by the server.
        case unmatched(late: Bool)

        /// The round trip was measured anew.
        case measured(RoundTrip)

        /// The reader was too slow: this many events, all older than the next one, were dropped.
        case missed(Int)
    }
}

/// The smoothed round trip to the server.
public struct RoundTrip: Sendable, Hashable {
    /// In seconds.
    public let time: TimeInterval

    /// What it was measured with.
    public let source: Source

    /// What a round trip is measured with.
    public enum Source: Sendable, Hashable {
        /// Heartbeats that the server returns: the network alone.
        case heartbeat
        /// The fastest of the latest requests: the network and the fastest handler.
        case requests
    }
}

extension RoundTrip {
    init(_ native: PitayaNative.RoundTrip) {
        time = TimeInterval(native.micros) / 1_000_000
        source = switch native.source {
        case .heartbeat: .heartbeat
        case .requests: .requests
        }
    }
}

extension PitayaClient.Event {
    /// Nil for an event that this library has no name for.
    init?(_ native: PitayaNative.Event) {
        switch native {
        case let .state(state): self = .stateChanged(PitayaClient.State(state))
        case let .unhandled(route): self = .unhandled(route: route)
        case let .unmatched(late): self = .unmatched(late: late)
        case let .roundTrip(rtt): self = .measured(RoundTrip(rtt))
        case let .lagged(missed): self = .missed(Int(missed))
        case .other: return nil
        }
    }
}

extension PitayaStream where Element == PitayaClient.Event {
    init(_ source: PitayaNative.Events) {
        self.init(
            pull: {
                while let happened = await source.next() {
                    if let event = PitayaClient.Event(happened) { return event }
                }
                return nil
            },
            end: { source.stop() }
        )
    }
}
