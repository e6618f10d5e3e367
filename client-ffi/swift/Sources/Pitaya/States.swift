import Foundation
import PitayaNative

extension PitayaStream where Element == PitayaClient.State {
    /// The state now, and then each one that comes.
    init(statesOf native: PitayaNative.Client) {
        // In this order, so that no change is lost.
        let source = native.events()
        let last = Latest(PitayaClient.State(native.state()))
        self.init(
            pull: { [weak native] in
                if let first = last.takeFirst() { return first }
                while let happened = await source.next() {
                    let state: PitayaClient.State? = switch happened {
                    case let .state(state): PitayaClient.State(state)
                    case .lagged: native.map { PitayaClient.State($0.state()) }
                    case .unhandled, .unmatched, .roundTrip, .other: nil
                    }
                    if let state, last.replace(with: state) { return state }
                }
                return nil
            },
            end: { source.stop() }
        )
    }
}

/// The state that a stream told last.
private final class Latest: @unchecked Sendable {
    private let lock = NSLock()
    private var state: PitayaClient.State
    private var isTold = false

    init(_ state: PitayaClient.State) {
        self.state = state
    }

    /// The first state, once.
    func takeFirst() -> PitayaClient.State? {
        lock.lock()
        defer { lock.unlock() }
        defer { isTold = true }
        return isTold ? nil : state
    }

    /// Whether the state is another one.
    func replace(with new: PitayaClient.State) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        defer { state = new }
        return state != new
    }
}
