import Foundation
import XCTest

@testable import Pitaya

/// What the Swift layer adds to the library.
final class ClientTests: PeerTest {
    /// A codec of the application's own.
    private struct Lengths: Codec {
        var serializer: Serializer { .protobuf }

        func encode<Body: Encodable>(_ body: Body) throws -> Data {
            Data("\(body)".utf8)
        }

        func decode<Body: Decodable>(_ type: Body.Type, from data: Data) throws -> Body {
            guard let length = data.count as? Body else { throw Unexpected("\(type) is no length") }
            return length
        }
    }

    func testStatesBeginWithTheStateNowAndEndWithTheClient() async throws {
        let (_, client) = try await onDemand()
        let states = client.states
        try await client.lose()
        try await client.waitUntilConnected()
        await client.disconnect()
        var seen: [PitayaClient.State] = []
        for await state in states { seen.append(state) }
        XCTAssertEqual(seen.first, .connected)
        XCTAssertTrue(seen.contains { if case .reconnecting = $0 { true } else { false } }, "\(seen)")
        XCTAssertEqual(seen.last, client.state)
    }

    func testCancellingTheReaderEndsItsStream() async throws {
        let (_, client) = try await onDemand()
        let pushes = try client.pushes("onPush", as: Int.self)
        let reader = Task { () -> [Int] in
            var read: [Int] = []
            for try await push in pushes { read.append(push) }
            return read
        }
        try await client.request("mock.push", 1)
        reader.cancel()
        _ = try await reader.value
        let next = Task { try await pushes.first() }
        guard case .failure = await next.result else { return XCTFail("the stream goes on") }
        try await client.works()
    }

    func testAStoppedStreamEnds() async throws {
        let (_, client) = try await onDemand()
        let pushes = try client.pushesData("onPush")
        let events = client.events()
        pushes.stop()
        events.stop()
        for try await push in pushes { XCTFail("\(push)") }
        for await event in events { XCTFail("\(event)") }
    }

    func testAPushThatCannotBeReadEndsTheLoopAndNotTheStream() async throws {
        let (_, client) = try await onDemand()
        let pushes = try client.pushes("onPush", as: Int.self)
        try await client.request("mock.push", "no number")
        try await client.request("mock.push", 2)
        let failed = await failure { try await pushes.first() }
        XCTAssertEqual(failed?.kind, .decode)
        let push = try await pushes.first()
        XCTAssertEqual(push, 2)
    }

    func testTheLastReferenceClosesTheConnection() async throws {
        let (peer, other) = try await onDemand()
        var client: PitayaClient? = try await PitayaClient.connect(peer.ws)
        let states = try XCTUnwrap(client).states
        client = nil
        for await _ in states {}
        while try await other.ends().isEmpty {}
    }

    func testTheCodecIsTheConnections() async throws {
        let url = try sdk().url("protobuf-ws")
        let client = try await connect(url) { $0.codecs = [JSONCodec(), Lengths()] }
        let length: Int = try await client.request("connector.getsessiondata", 1)
        XCTAssertGreaterThan(length, 0)
    }

    func testWithoutACodecOfTheSerializer() async throws {
        let url = try sdk().url("protobuf-ws")
        let client = try await connect(url) { $0.serializers = [.protobuf] }
        let failed = await failure { try await client.ask("connector.getsessiondata", 1) }
        XCTAssertEqual(failed?.kind, .encode)
    }

    func testSettingsThatMakeNoSense() async throws {
        let settings: [(inout PitayaClient.Options) -> Void] = [
            { $0.timeout = -1 },
            { $0.timeout = .nan },
            { $0.reconnect.jitter = 2 },
            { $0.limits.queueItems = -1 },
            { $0.capabilities = ["flying"] },
        ]
        for setting in settings {
            let failed = await failure { try self.start("ws://127.0.0.1:1", setting) }
            XCTAssertEqual(failed?.kind, .settings)
        }
        let (_, client) = try await onDemand()
        let failed = await failure { try await client.ask("a.b", timeout: -0.1) }
        XCTAssertEqual(failed?.kind, .settings)
        let answer: Int = try await client.request("a.b", 1, timeout: .infinity)
        XCTAssertEqual(answer, 1)
    }

    func testAUserThatIsNoObject() async throws {
        let failed = await failure { try self.start("ws://127.0.0.1:1") { $0.user = .value([1, 2]) } }
        XCTAssertEqual(failed?.kind, .user)
    }

    func testAPinOfAnotherKey() async throws {
        let sdk = try sdk()
        let roots = try certificate
        let failed = await failure {
            try await self.connect(sdk.url("json-tls")) {
                $0.tls = PitayaClient.TLS()
                $0.tls?.rootsPEM = roots
                $0.tls?.pins = ["sha256/" + String(repeating: "A", count: 43) + "="]
            }
        }
        XCTAssertEqual(failed?.kind, .unreachable)
        XCTAssertEqual(failed?.isRetryable, false)
    }

    func testLogsTellWhatTheLibraryDoes() async throws {
        let logs = PitayaClient.logs()
        let (_, client) = try await onDemand()
        for await line in logs {
            XCTAssertTrue(line.target.hasPrefix("pitaya"), line.target)
            break
        }
        logs.stop()
        try await client.works()
    }

    func testAThousandClientsLeaveNothingBehind() async throws {
        let peer = try peer("on-demand")
        for _ in 0..<1000 {
            let client = try PitayaClient.start(peer.tcp)
            _ = client.states
            _ = try client.pushesData("onPush")
        }
        // The library still has a thread for whoever comes.
        try await connect(peer.ws).works()
    }
}
