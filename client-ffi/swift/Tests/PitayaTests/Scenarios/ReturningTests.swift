import Foundation
import XCTest

@testable import Pitaya

/// A lost connection comes back.
final class ReturningTests: PeerTest {
    /// The codes with which a request in flight fails that this order ends.
    private func lostInFlight(_ order: String) async throws -> [Int] {
        var codes: [Int] = []
        for url in try peer("on-demand").both {
            let client = try await connect(url) { $0.limits.inFlight = 2 }
            let events = client.events()
            let call = await client.unanswered()
            try await client.notifyData(order)
            let failed = await call.value
            XCTAssertEqual(failed?.kind, .disconnected)
            XCTAssertEqual(failed?.isSent, true)
            XCTAssertEqual(failed?.isRetryable, true)
            _ = try await events.lost()
            try await client.waitUntilConnected()
            try await client.works()
            codes.append(try XCTUnwrap(failed?.reason?.code))
        }
        return codes
    }

    /// That the connection is lost and no attempt is made.
    private func stranded(_ client: PitayaClient) async throws {
        try await client.lose()
        let returning = Task { try await client.waitUntilConnected() }
        try await Task.sleep(nanoseconds: 300_000_000)
        returning.cancel()
        do {
            try await returning.value
            XCTFail("it is connected")
        } catch {
            XCTAssertTrue(error is CancellationError, "\(error)")
        }
    }

    func testSilentServer() async throws {
        for url in try peer("no-heartbeat", heartbeat: 1).both {
            let client = try await connect(url)
            let begin = DispatchTime.now()
            let cause = try await client.events().lost()
            // How late it may be depends on the machine; how early does not. The last packet came a moment before it was connected.
            XCTAssertGreaterThan(DispatchTime.now(), begin + 1.9)
            XCTAssertEqual(cause.code, 102)
            XCTAssertEqual(cause.origin, .fault)
            try await client.waitUntilConnected()
            await client.disconnect()
        }
    }

    func testLostConnection() async throws {
        for code in try await lostInFlight("mock.drop") { XCTAssertTrue((100..<400).contains(code), "\(code)") }
    }

    func testEndedStream() async throws {
        let codes = try await lostInFlight("mock.end")
        XCTAssertEqual(codes, [100, 100])
    }

    func testCloseWithUnknownCode() async throws {
        let (_, client) = try await onDemand()
        let events = client.events()
        let order: JSON = ["code": 377, "reason": "unheard of"]
        try await client.notify("mock.kick", order)
        let cause = try await events.lost()
        XCTAssertEqual(cause.code, 377)
        XCTAssertEqual(cause.reason, "unheard of")
        try await client.waitUntilConnected()
    }

    func testCloseWithAdvice() async throws {
        let (_, client) = try await onDemand()
        let second = try peer("on-demand")
        let events = client.events()
        let begin = DispatchTime.now()
        let advice: JSON = ["code": 110, "reason": "moving", "retry_after_ms": 300, "endpoint": .string(second.ws)]
        try await client.notify("mock.kick", advice)
        let cause = try await events.lost()
        XCTAssertEqual(cause.code, 110)
        XCTAssertEqual(cause.retryAfter, 0.3)
        XCTAssertEqual(cause.endpoint, second.ws)
        try await client.waitUntilConnected()
        XCTAssertGreaterThanOrEqual(DispatchTime.now(), begin + 0.3)
        // Only the other listener has this connection.
        try await connect(second.ws).disconnect()
        while try await client.ends().isEmpty {}
    }

    func testRestart() async throws {
        let first = try peer("on-demand")
        let client = try await connect(first.ws) { $0.limits.inFlight = 2 }
        let events = client.events()
        let pushes = try client.pushes("onPush", as: Int.self)
        try await client.request("mock.push", 1)
        let call = await client.unanswered()
        first.stop()
        let failed = await call.value
        XCTAssertEqual(failed?.kind, .disconnected)
        XCTAssertEqual(failed?.isSent, true)
        _ = try await events.lost()
        _ = try peer("on-demand", address: first.address)
        try await client.waitUntilConnected()
        try await client.request("mock.push", 2)
        for n in 1...2 {
            let push = try await pushes.first()
            XCTAssertEqual(push, n)
        }
    }

    func testReconnectNow() async throws {
        let client = try await connect(peer("on-demand").ws) {
            $0.reconnect.base = 30
            $0.reconnect.max = 30
        }
        let states = client.states
        try await client.lose()
        for await state in states {
            guard case let .reconnecting(_, nextIn, _) = state else { continue }
            XCTAssertGreaterThan(try XCTUnwrap(nextIn), 20)
            break
        }
        client.reconnectNow()
        try await client.waitUntilConnected()
    }

    func testPause() async throws {
        for url in try peer("on-demand").both {
            let client = try await connect(url)
            client.pause()
            try await stranded(client)
            client.resume()
            try await client.waitUntilConnected()
        }
    }

    func testNetworkChange() async throws {
        let (_, client) = try await onDemand()
        client.networkChanged(isOnline: false)
        try await stranded(client)
        client.networkChanged(isOnline: true)
        try await client.waitUntilConnected()
    }
}
