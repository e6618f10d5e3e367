import Foundation
import PitayaNative

/// Requests, notifies and pushes over one connection that comes back by itself. ``connect(_:options:)`` makes one.
///
/// It may be used from any task and any thread. ``disconnect()`` ends it, and so does letting go of its last reference.
public final class PitayaClient: Sendable {
    private let native: PitayaNative.Client
    private let codecs: Codecs
    private let queue: Queue
    private let answers: UserAnswers

    private init(_ urls: [String], _ options: Options) throws {
        let settings = try options.native(urls)
        let native: PitayaNative.Client
        do {
            native = try PitayaNative.Client.start(options: settings)
        } catch {
            throw PitayaError.of(error)
        }
        self.native = native
        codecs = Codecs(all: options.codecs) { [weak native] in native?.serializer().map(Serializer.init) }
        queue = options.queue
        answers = UserAnswers(options.user, native.userQuestions())
    }

    /// Connects to a server, and returns when messages can be sent. Cancelling the task gives up.
    ///
    /// The URLs say where it is, in order of preference: `tcp://`, `tls://`, `ws://` or `wss://`. Throws a ``PitayaError`` of a kind about
    /// connecting.
    public static func connect(_ urls: String..., options: Options = Options()) async throws -> PitayaClient {
        let client = try PitayaClient(urls, options)
        do {
            try await client.waitUntilConnected()
        } catch {
            // Also when it is cancelled: the server shall not keep a connection that nobody has.
            await client.disconnect()
            throw error
        }
        return client
    }

    /// The client at once, before it is connected: for who wants to listen first. Calls fail until there is a connection, unless they wait for it.
    ///
    /// Throws a ``PitayaError`` for a setting that cannot be used.
    public static func start(_ urls: String..., options: Options = Options()) throws -> PitayaClient {
        try PitayaClient(urls, options)
    }

    /// Returns the server's answer. Cancelling the task gives the request up; the server may still act on it.
    ///
    /// The time-out is in seconds, the client's where it is nil, and includes the time that the request waits for a connection as the queue
    /// allows. Throws a ``PitayaError``, or `CancellationError`.
    public func request<Body: Encodable, Answer: Decodable>(
        _ route: String,
        _ body: Body,
        timeout: TimeInterval? = nil,
        queue: Queue? = nil
    ) async throws -> Answer {
        let answer = try await requestData(route, codecs.encode(route, body), timeout: timeout, queue: queue)
        return try codecs.decode(route, answer)
    }

    /// The same without a body.
    public func request<Answer: Decodable>(
        _ route: String,
        timeout: TimeInterval? = nil,
        queue: Queue? = nil
    ) async throws -> Answer {
        let answer = try await requestData(route, timeout: timeout, queue: queue)
        return try codecs.decode(route, answer)
    }

    /// The same, whatever the answer's body is.
    public func request<Body: Encodable>(
        _ route: String,
        _ body: Body,
        timeout: TimeInterval? = nil,
        queue: Queue? = nil
    ) async throws {
        _ = try await requestData(route, codecs.encode(route, body), timeout: timeout, queue: queue)
    }

    /// The same with bodies as bytes, whatever the connection's serializer is.
    public func requestData(
        _ route: String,
        _ body: Data = Data(),
        timeout: TimeInterval? = nil,
        queue: Queue? = nil
    ) async throws -> Data {
        let options = try callOptions(timeout, queue)
        return try await cancellable { [native] cancel in
            try await native.request(route: route, body: body, options: options, cancel: cancel)
        }
    }

    /// Sends what is not answered, and returns when the network has taken it. Cancelling the task gives up one that still waits.
    ///
    /// Throws a ``PitayaError``, or `CancellationError`.
    public func notify<Body: Encodable>(_ route: String, _ body: Body, queue: Queue? = nil) async throws {
        try await notifyData(route, codecs.encode(route, body), queue: queue)
    }

    /// The same with a body of bytes, or with none.
    public func notifyData(_ route: String, _ body: Data = Data(), queue: Queue? = nil) async throws {
        let options = try callOptions(nil, queue)
        try await cancellable { [native] cancel in
            try await native.notify(route: route, body: body, options: options, cancel: cancel)
        }
    }

    /// The pushes of a route from now on. Throws a ``PitayaError`` for a route that is none.
    public func pushes<Body: Decodable & Sendable>(_ route: String, as type: Body.Type = Body.self) throws -> Pushes<Body> {
        let codecs = codecs
        return try Pushes(route, subscription(route)) { try codecs.decode(route, $0) }
    }

    /// The same with bodies as bytes.
    public func pushesData(_ route: String) throws -> Pushes<Data> {
        try Pushes(route, subscription(route)) { $0 }
    }

    /// Where the client stands.
    public var state: State { State(native.state()) }

    /// Where the client stands, and then each state that comes, until it is closed.
    public var states: PitayaStream<State> { PitayaStream(statesOf: native) }

    /// What happens beside answers and pushes from now on. At most 64 events wait to be read.
    public func events() -> PitayaStream<Event> {
        PitayaStream(native.events())
    }

    /// What all clients of this process do from now on: lines of this level and above. At most 256 wait to be read.
    public static func logs(_ level: LogLine.Level = .debug) -> PitayaStream<LogLine> {
        PitayaStream(PitayaNative.openLogs(level: level.native))
    }

    /// Returns when messages can be sent, now or at last.
    ///
    /// Throws a ``PitayaError`` when this client is closed, or is before it is connected; or `CancellationError`, which leaves it as it is.
    public func waitUntilConnected() async throws {
        do {
            try await cancellable { [native] cancel in try await native.connected(cancel: cancel) }
        } catch var error as PitayaError {
            error.underlying = answers.failure
            throw error
        }
    }

    /// Returns how the client ended for good, when it has, whoever ended it. Throws `CancellationError` only.
    public func waitUntilClosed() async throws -> CloseReason {
        for await state in states {
            if case let .closed(reason, _) = state { return reason }
        }
        throw CancellationError()
    }

    /// The smoothed round trip to the server; nil before the first measurement.
    public var rtt: RoundTrip? { native.rtt().map(RoundTrip.init) }

    /// The connection's serializer; nil before the first handshake where there is a choice.
    public var serializer: Serializer? { native.serializer().map(Serializer.init) }

    /// Says that the application goes to the background: the server's silence does not count, and no connection is tried.
    public func pause() {
        native.pause()
    }

    /// Says that it is back: a connection is checked, as it may have died unnoticed, and a lost one is tried at once.
    public func resume() {
        native.resume()
    }

    /// Says whether there is a network, or that it has changed: without one no connection is tried, with one it is checked as by ``resume()``.
    public func networkChanged(isOnline: Bool) {
        native.setOnline(online: isOnline)
    }

    /// Starts an attempt now where one is waited for.
    public func reconnectNow() {
        native.reconnectNow()
    }

    /// Sends the calls that waited for this connection, with ``Options/holdsQueue``.
    public func release() {
        native.release()
    }

    /// Closes the client: what was sent is written, calls that wait fail, streams end.
    ///
    /// Returns when the connection is gone, or after a second if the server does not let go of it. More than once is as good as once.
    public func disconnect() async {
        await native.disconnect()
    }

    private func subscription(_ route: String) throws -> PitayaNative.Subscription {
        do {
            return try native.subscribe(route: route)
        } catch {
            throw PitayaError.of(error)
        }
    }

    private func callOptions(_ timeout: TimeInterval?, _ queue: Queue?) throws -> PitayaNative.CallOptions {
        try PitayaNative.CallOptions(
            timeoutMs: timeout.map { try milliseconds($0, "a time-out") },
            offline: (queue ?? self.queue).native()
        )
    }
}

/// A call into the library, which its own bindings do not tell that the task was cancelled.
private func cancellable<Answer: Sendable>(
    _ call: @escaping @Sendable (PitayaNative.CancelHandle) async throws -> Answer
) async throws -> Answer {
    let cancel = PitayaNative.CancelHandle()
    do {
        return try await withTaskCancellationHandler(operation: { try await call(cancel) }, onCancel: { cancel.cancel() })
    } catch {
        throw PitayaError.of(error)
    }
}
