import Foundation
import XCTest

@testable import Pitaya

/// Reaching a server, and what keeps a client from it.
final class ConnectingTests: PeerTest {
    private struct TokenServiceIsAway: Error {}

    func testConnect() async throws {
        let sdk = try sdk()
        let roots = try certificate
        for name in ["json-tcp", "json-tls", "json-ws"] {
            let client = try await connect(sdk.url(name)) {
                $0.tls = PitayaClient.TLS()
                $0.tls?.rootsPEM = roots
            }
            XCTAssertEqual(client.state, .connected)
            XCTAssertEqual(client.serializer, .json)
            await client.disconnect()
            let reason = try await client.waitUntilClosed()
            XCTAssertEqual(reason.code, 0)
            XCTAssertEqual(reason.origin, .local)
        }
    }

    func testUserData() async throws {
        let client = try await connect(peer("on-demand").ws) {
            $0.user = .value(["age": 30])
            $0.clientInfo.version = "2.1"
            $0.clientInfo.build = "20"
            $0.clientInfo.platform = "mac"
        }
        let handshake = try await client.ask("mock.handshake")
        XCTAssertEqual(handshake["user"], ["age": 30])
        let sys = try XCTUnwrap(handshake["sys"])
        XCTAssertEqual(["platform", "clientVersion", "clientBuildNumber"].map { sys[$0] }, ["mac", "2.1", "20"])
        XCTAssertFalse(try XCTUnwrap(sys["libVersion"]).text.isEmpty)
    }

    func testUserAnew() async throws {
        actor Attempts {
            var count = 0
            func next() -> Int {
                count += 1
                return count
            }
        }
        let attempts = Attempts()
        let client = try await connect(peer("on-demand").ws) {
            $0.user = .forEachAttempt { ["attempt": await attempts.next()] }
        }
        var handshake = try await client.ask("mock.handshake")
        XCTAssertEqual(handshake["user"], ["attempt": 1])
        try await client.lose()
        try await client.waitUntilConnected()
        handshake = try await client.ask("mock.handshake")
        XCTAssertEqual(handshake["user"], ["attempt": 2])
    }

    func testUserFunctionFails() async throws {
        let url = try peer("on-demand").ws
        let failed = await failure { try await self.connect(url) { $0.user = .forEachAttempt { throw TokenServiceIsAway() } } }
        XCTAssertTrue(try XCTUnwrap(failed).message.contains("TokenServiceIsAway"))
        XCTAssertTrue(failed?.underlying is TokenServiceIsAway)
    }

    func testBadUrl() async throws {
        let failed = await failure { try await self.connect("http://127.0.0.1:1/") }
        XCTAssertEqual(failed?.kind, .url)
        XCTAssertEqual(failed?.isRetryable, false)
        XCTAssertTrue(try XCTUnwrap(failed).message.contains("http://127.0.0.1:1/"))
    }

    func testUnreachable() async throws {
        let url = try nobody()
        let failed = await failure { try await self.connect(url) }
        XCTAssertEqual(failed?.kind, .unreachable)
        XCTAssertEqual(failed?.isRetryable, true)
        XCTAssertEqual(failed?.endpoints.map(\.endpoint), [url])
    }

    func testFirstAttemptRepeated() async throws {
        let ended = try await ending(start(nobody()) { $0.twoMore(first: true) })
        XCTAssertTrue(ended.exhausted)
    }

    func testConnectAborted() async throws {
        let listener = try Listener()
        let connecting = Task { try await PitayaClient.connect("tcp://127.0.0.1:\(listener.port)") }
        await withCheckedContinuation { ended in
            Thread.detachNewThread {
                listener.acceptUntilEnd { connecting.cancel() }
                ended.resume()
            }
        }
        do {
            _ = try await connecting.value
            XCTFail("it is connected")
        } catch {
            XCTAssertTrue(error is CancellationError, "\(error)")
        }
    }

    func testHandshakeTimeout() async throws {
        for url in try peer("slow-handshake", delay: 30).both {
            let failed = await failure { try await self.connect(url) { $0.handshakeTimeout = 0.1 } }
            XCTAssertEqual(failed?.reason?.code, 103)
            XCTAssertEqual(failed?.isRetryable, true)
        }
    }

    func testSlowHandshake() async throws {
        let begin = DispatchTime.now()
        _ = try await connect(peer("slow-handshake").tcp)
        XCTAssertGreaterThanOrEqual(DispatchTime.now(), begin + delay)
    }

    func testDropOnAck() async throws {
        for url in try peer("drop-on-ack").both {
            let ended = try await ending(start(url) { $0.twoMore(first: true) })
            XCTAssertTrue(ended.exhausted && ended.reason.reconnects && !ended.reason.isKicked, "\(ended)")
        }
    }

    func testSplitFrames() async throws {
        for url in try peer("split-frames").both {
            let client = try await connect(url)
            let nothing = try await client.ask("a.b")
            XCTAssertEqual(nothing, .null)
            for body: JSON in ["one", "another"] {
                let answer = try await client.ask("a.b", body)
                XCTAssertEqual(answer, body)
            }
        }
    }
}
