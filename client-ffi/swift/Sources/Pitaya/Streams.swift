import Foundation
import PitayaNative

/// What is read one by one with `for await`, until the client is closed. It does not keep the client alive.
///
/// A bounded number waits to be read. Each element is for one reader; whoever reads again goes on where the last one stopped. Cancelling a task
/// that waits for the next element ends the stream, as it does with `AsyncStream`.
public struct PitayaStream<Element: Sendable>: AsyncSequence, Sendable {
    let pull: @Sendable () async -> Element?
    let end: @Sendable () -> Void

    /// Ends the stream, and whoever waits for its next element.
    public func stop() {
        end()
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(stream: self)
    }

    /// Reads a ``PitayaStream``.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: PitayaStream

        public mutating func next() async -> Element? {
            await withTaskCancellationHandler(operation: stream.pull, onCancel: stream.end)
        }
    }
}

/// The pushes of one route, from the moment of asking until the client is closed. It outlives reconnects, and does not keep the client alive.
///
/// A bounded number waits to be read: the oldest make room for the newest and are counted in ``missed``. Each push is for one reader; whoever
/// reads again goes on where the last one stopped. A body that cannot be read ends the loop with an error, not the stream. Cancelling a task that
/// waits for the next push ends the stream, as it does with `AsyncStream`.
public struct Pushes<Body: Sendable>: AsyncSequence, Sendable {
    public typealias Element = Body

    /// The route.
    public let route: String
    fileprivate let source: PitayaNative.Subscription
    fileprivate let dropped = Counter()
    fileprivate let decode: @Sendable (Data) throws -> Body

    init(_ route: String, _ source: PitayaNative.Subscription, decode: @escaping @Sendable (Data) throws -> Body) {
        self.route = route
        self.source = source
        self.decode = decode
    }

    /// How many pushes were dropped because they were not read in time, so far.
    public var missed: Int { dropped.value }

    /// Ends the stream and whoever waits for its next push, and lets go of what waits.
    public func stop() {
        source.stop()
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(pushes: self)
    }

    /// Reads ``Pushes``.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let pushes: Pushes

        public mutating func next() async throws -> Body? {
            let source = pushes.source
            while let push = await withTaskCancellationHandler(operation: { await source.next() }, onCancel: { source.stop() }) {
                switch push {
                case let .message(body): return try pushes.decode(body)
                case let .lagged(missed): pushes.dropped.add(Int(missed))
                }
            }
            return nil
        }
    }
}

/// A number that is counted up from any thread.
private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    var value: Int {
        lock.lock()
        defer { lock.unlock() }
        return count
    }

    func add(_ more: Int) {
        lock.lock()
        defer { lock.unlock() }
        count += more
    }
}
