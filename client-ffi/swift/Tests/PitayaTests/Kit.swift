import Foundation
import XCTest

@testable import Pitaya

/// How late the late ones are, in seconds.
let delay: TimeInterval = 0.3

/// The top of the repository.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

/// A conformance server with some listeners, each with its address by name.
final class Peer: @unchecked Sendable {
    private let process = Process()
    private(set) var addresses: [String: String] = [:]

    init(listeners: Int, _ arguments: [String]) throws {
        let variable = "PITAYA_CONFORMANCE_SERVER"
        let program = try XCTUnwrap(ProcessInfo.processInfo.environment[variable], "\(variable) is not set: run `cargo xtask ffi swift`")
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var told = ""
        while told.split(separator: "\n", omittingEmptySubsequences: false).count <= listeners {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Unexpected("the conformance server does not listen: \(told)") }
            told += String(decoding: more, as: UTF8.self)
        }
        for line in told.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3, words[0] == "listening" else { throw Unexpected("not an address: \(line)") }
            addresses[words[1]] = words[2]
        }
    }

    var address: String { addresses.values.first! }
    var tcp: String { "tcp://\(address)" }
    var ws: String { "ws://\(address)" }
    var both: [String] { [tcp, ws] }

    /// The URL of a listener of the profile `sdk`.
    func url(_ name: String) -> String {
        "\(name.split(separator: "-")[1])://localhost:\(addresses[name]!.split(separator: ":").last!)"
    }

    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// What a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A test with peers and clients, which are gone when it ends, however it ends. One that hangs ends the program.
class PeerTest: XCTestCase {
    private var peers: [Peer] = []
    private var clients: [PitayaClient] = []
    private var watchdog: DispatchWorkItem?
    private var folder: URL!

    var certificate: Data {
        get throws { try Data(contentsOf: folder.appendingPathComponent("cert.pem")) }
    }

    override func setUp() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let watchdog = DispatchWorkItem { [unowned self] in
            peers.forEach { $0.stop() }
            fatalError("\(name) hangs")
        }
        self.watchdog = watchdog
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: watchdog)
    }

    override func tearDown() async throws {
        for client in clients { await client.disconnect() }
        peers.forEach { $0.stop() }
        watchdog?.cancel()
        clients = []
        peers = []
        try FileManager.default.removeItem(at: folder)
    }

    func peer(_ script: String, heartbeat: Int = 6, delay late: TimeInterval = delay, address: String? = nil) throws -> Peer {
        let at = address.map { "\(script)=\($0)" } ?? script
        let peer = try Peer(listeners: 1, ["--mock", at, "--heartbeat", "\(heartbeat)", "--delay", "\(Int(late * 1000))"])
        peers.append(peer)
        return peer
    }

    func sdk(heartbeat: Int = 6) throws -> Peer {
        let ports = ["json", "protobuf"].flatMap { serializer in ["ws", "tcp", "tls"].map { "--\(serializer)-\($0)=0" } }
        let files = ["--cert", folder.appendingPathComponent("cert.pem").path, "--key", folder.appendingPathComponent("key.pem").path]
        let peer = try Peer(listeners: 6, ["--profile", "sdk", "--heartbeat", "\(heartbeat)"] + ports + files)
        peers.append(peer)
        return peer
    }

    func connect(_ url: String, _ configure: (inout PitayaClient.Options) -> Void = { _ in }) async throws -> PitayaClient {
        let client = try await PitayaClient.connect(url, options: hasty(configure))
        clients.append(client)
        return client
    }

    func start(_ url: String, _ configure: (inout PitayaClient.Options) -> Void = { _ in }) throws -> PitayaClient {
        let client = try PitayaClient.start(url, options: hasty(configure))
        clients.append(client)
        return client
    }

    /// A client whose handshake waits until the listeners are there.
    func early<Streams>(_ url: String, listen: (PitayaClient) throws -> Streams) async throws -> (PitayaClient, Streams) {
        let (listening, ready) = AsyncStream<Void>.makeStream()
        let client = try start(url) {
            $0.user = .forEachAttempt {
                for await _ in listening {}
                return [String: String]()
            }
        }
        let streams = try listen(client)
        ready.finish()
        return (client, streams)
    }

    func onDemand() async throws -> (Peer, PitayaClient) {
        let peer = try peer("on-demand")
        return (peer, try await connect(peer.ws))
    }

    func sdkClient() async throws -> PitayaClient {
        try await connect(sdk().url("json-ws"))
    }

    /// Comes back without a wait worth speaking of.
    private func hasty(_ configure: (inout PitayaClient.Options) -> Void) -> PitayaClient.Options {
        var options = PitayaClient.Options()
        options.reconnect.base = 0.02
        options.reconnect.max = 0.08
        options.reconnect.jitter = 0
        configure(&options)
        return options
    }
}

extension PitayaClient.Options {
    /// Two attempts more.
    mutating func twoMore(first: Bool = false) {
        reconnect.base = 0.01
        reconnect.max = 0.04
        reconnect.attempts = 2
        reconnect.retriesFirst = first
    }
}

extension PitayaClient {
    func ask(_ route: String, _ body: JSON, timeout: TimeInterval? = nil, queue: Queue? = nil) async throws -> JSON {
        try await request(route, body, timeout: timeout, queue: queue)
    }

    func ask(_ route: String, timeout: TimeInterval? = nil) async throws -> JSON {
        try await request(route, timeout: timeout)
    }

    /// That the connection works.
    func works() async throws {
        let answer = try await ask("a.b", 1)
        XCTAssertEqual(answer, 1)
    }

    /// Loses the connection of a client of a peer that obeys.
    func lose() async throws {
        let events = events()
        try await notifyData("mock.drop")
        _ = try await events.lost()
    }

    /// What came on the connection, as `route body`.
    func received() async throws -> [String] {
        struct Message: Decodable {
            let route: String
            let body: JSON
        }
        let messages: [Message] = try await request("mock.received")
        return messages.map { "\($0.route) \($0.body.text)" }
    }

    /// What becomes of a request that is never answered, and is in flight when this returns: tasks begin in no order. It is for a client that has
    /// two requests in flight at most: no third one is taken when this one and a second one are.
    func unanswered() async -> Task<PitayaError?, Never> {
        let call = silence()
        let second = silence()
        while await failure({ try await self.requestData("a.b") })?.kind != .queueFull {}
        second.cancel()
        _ = await second.value
        return call
    }

    private func silence() -> Task<PitayaError?, Never> {
        Task {
            while !Task.isCancelled {
                let failed = await failure { try await self.requestData("mock.silent") }
                if failed?.kind != .queueFull { return failed }
            }
            return nil
        }
    }

    /// Returns when this many calls wait for a connection.
    func waits(_ count: Int) async throws {
        while true {
            let failed = await failure { try await self.notifyData("pro.be", queue: .wait(items: count, age: 0.001)) }
            if failed?.kind == .queueFull { return }
            guard failed?.kind == .expired else { throw Unexpected("the probe: \(String(describing: failed))") }
        }
    }

    /// How the connections of the listener ended.
    func ends() async throws -> [String] {
        let ends: [String?]? = try await request("mock.ends")
        return (ends ?? []).compactMap { $0 }
    }
}

extension PitayaStream where Element == PitayaClient.Event {
    /// The next event of a kind.
    func first<Found>(_ wanted: (PitayaClient.Event) -> Found?) async throws -> Found {
        for await event in self {
            if let found = wanted(event) { return found }
        }
        throw Unexpected("the events ended")
    }

    /// The cause of a loss. A state can be over before anybody looks; its event is still there.
    func lost() async throws -> CloseReason {
        try await first { event in
            if case let .stateChanged(.reconnecting(_, _, cause)) = event { cause } else { nil }
        }
    }

    /// Whether the next answer without a request was late.
    func unmatched() async throws -> Bool {
        try await first { event in
            if case let .unmatched(late) = event { late } else { nil }
        }
    }
}

extension Pushes {
    /// The next push.
    func first() async throws -> Body {
        for try await push in self { return push }
        throw Unexpected("the pushes of \(route) ended")
    }
}

/// What a call fails with; nil where it does not fail, or was cancelled.
func failure<Answer>(_ call: () async throws -> Answer) async -> PitayaError? {
    do {
        _ = try await call()
        return nil
    } catch let error as PitayaError {
        return error
    } catch is CancellationError {
        return nil
    } catch {
        XCTFail("not a PitayaError: \(error)")
        return nil
    }
}

/// How a client ended for good.
func ending(_ client: PitayaClient) async throws -> (reason: CloseReason, exhausted: Bool) {
    for await state in client.states {
        if case let .closed(reason, exhausted) = state { return (reason, exhausted) }
    }
    throw Unexpected("the states ended")
}
