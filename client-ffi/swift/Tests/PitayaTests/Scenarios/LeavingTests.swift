import Foundation
import XCTest

@testable import Pitaya

/// How connections end for good, and who says so.
final class LeavingTests: PeerTest {
    /// How it ends after the ack, which is the same over TCP and over WebSocket.
    private func end(_ script: String, capabilities: [String]? = nil) async throws -> CloseReason {
        var reasons: [CloseReason] = []
        for url in try peer(script).both {
            let ended = try await ending(start(url) { $0.capabilities = capabilities })
            XCTAssertFalse(ended.exhausted)
            reasons.append(ended.reason)
        }
        XCTAssertEqual(reasons[0].code, reasons[1].code)
        XCTAssertEqual(reasons[0].origin, reasons[1].origin)
        return reasons[1]
    }

    func testHeartbeatsAreLife() async throws {
        let client = try await connect(peer("silent", heartbeat: 1).tcp)
        let events = client.events()
        let change = Task {
            try? await events.first { event in
                if case let .stateChanged(state) = event { state } else { nil }
            }
        }
        // Two and a half times as long as a silent connection lives.
        try await Task.sleep(nanoseconds: 5_000_000_000)
        events.stop()
        let changed = await change.value
        XCTAssertNil(changed)
        XCTAssertEqual(client.state, .connected)
    }

    func testKick() async throws {
        let reason = try await end("kick")
        XCTAssertEqual(reason.code, 500)
        XCTAssertEqual(reason.origin, .peer)
        XCTAssertTrue(reason.isKicked)
    }

    func testKickWithPomelosReason() async throws {
        let reason = try await end("kick-with-reason", capabilities: [])
        XCTAssertEqual(reason.code, 500)
        XCTAssertEqual(reason.reason, "kicked by the script")
    }

    func testKickWithReason() async throws {
        let reason = try await end("kick-with-reason")
        XCTAssertEqual(reason.code, 501)
        XCTAssertEqual(reason.reason, "kicked by the script")
    }

    func testKickWithUnknownCode() async throws {
        let (_, client) = try await onDemand()
        let order: JSON = ["code": 777, "reason": "unheard of"]
        try await client.notify("mock.kick", order)
        let reason = try await client.waitUntilClosed()
        XCTAssertEqual(reason.code, 777)
        XCTAssertEqual(reason.reason, "unheard of")
    }

    func testGarbage() async throws {
        let reason = try await end("garbage")
        XCTAssertEqual(reason.code, 400)
        XCTAssertEqual(reason.origin, .fault)
    }

    func testHalfFrame() async throws {
        let peer = try peer("half-frame")
        let reason = try await start(peer.ws).waitUntilClosed()
        XCTAssertEqual(reason.code, 400)
        XCTAssertEqual(reason.origin, .fault)
        let ended = try await ending(start(peer.tcp) { $0.twoMore(first: true) })
        XCTAssertTrue(ended.exhausted)
        XCTAssertEqual(ended.reason.code, 100)
    }

    func testReconnectOff() async throws {
        let client = try await connect(peer("on-demand").tcp) { $0.reconnect.attempts = 0 }
        try await client.notifyData("mock.drop")
        let reason = try await client.waitUntilClosed()
        XCTAssertTrue(reason.reconnects)
        let failed = await failure { try await client.requestData("a.b", queue: .wait()) }
        XCTAssertEqual(failed?.kind, .notConnected)
    }

    func testAttemptsExhausted() async throws {
        let peer = try peer("on-demand")
        let client = try await connect(peer.ws) { $0.twoMore() }
        peer.stop()
        let ended = try await ending(client)
        XCTAssertTrue(ended.exhausted && !ended.reason.isKicked, "\(ended)")
    }

    func testCloseWithCalls() async throws {
        let (peer, other) = try await onDemand()
        let client = try await connect(peer.ws) { $0.limits.inFlight = 2 }
        let call = await client.unanswered()
        await client.disconnect()
        let failed = await call.value
        XCTAssertEqual(failed?.kind, .disconnected)
        XCTAssertEqual(failed?.isSent, true)
        XCTAssertEqual(failed?.reason?.origin, .local)
        let ended = try await ending(client)
        XCTAssertFalse(ended.exhausted)
        XCTAssertEqual(ended.reason.code, 0)
        while try await other.ends() != ["closed 1000"] {}
    }
}
