import Foundation
import XCTest

@testable import Pitaya

/// Calls while there is no connection.
final class QueuesTests: PeerTest {
    /// A client that has lost its connection, and makes no attempt before it is resumed.
    private func stranded(_ configure: (inout PitayaClient.Options) -> Void = { _ in }) async throws -> PitayaClient {
        let client = try await connect(peer("on-demand").ws, configure)
        client.pause()
        try await client.lose()
        return client
    }

    /// Calls that are made one after another, each when the one before waits; what becomes of them.
    private func calls(_ client: PitayaClient, _ works: [@Sendable () async throws -> Void]) async throws -> [Task<PitayaError?, Never>] {
        var calls: [Task<PitayaError?, Never>] = []
        for work in works {
            calls.append(Task { await failure(work) })
            try await client.waits(calls.count)
        }
        return calls
    }

    func testQueueFail() async throws {
        let client = try await stranded()
        let calls: [() async throws -> Void] = [
            { _ = try await client.ask("a.b", 1) },
            { try await client.notify("a.b", 1) },
        ]
        for call in calls {
            let failed = await failure(call)
            XCTAssertEqual(failed?.kind, .notConnected)
            XCTAssertEqual(failed?.isRetryable, true)
            XCTAssertEqual(failed?.isSent, false)
        }
    }

    func testQueueWait() async throws {
        let client = try await stranded { $0.queue = .wait() }
        let calls = try await calls(client, [
            { try await client.notify("a.b", 1) },
            {
                let answer = try await client.ask("a.b", 2)
                XCTAssertEqual(answer, 2)
            },
            { try await client.notify("a.b", 3) },
        ])
        client.resume()
        for call in calls {
            let failed = await call.value
            XCTAssertNil(failed)
        }
        let received = try await client.received()
        XCTAssertEqual(received, ["a.b 1", "a.b 2", "a.b 3"])
    }

    func testQueueLatest() async throws {
        let client = try await stranded()
        let kept = try await calls(client, [
            { try await client.notify("pos.set", "old", queue: .latestOnly(key: "me")) },
            { try await client.notify("pos.set", "other", queue: .latestOnly(key: "pet")) },
        ])
        let last = Task { await failure { try await client.notify("pos.set", "new", queue: .latestOnly(key: "me")) } }
        let old = await kept[0].value
        XCTAssertEqual(old?.kind, .superseded)
        client.resume()
        for call in [kept[1], last] {
            let failed = await call.value
            XCTAssertNil(failed)
        }
        let received = try await client.received()
        XCTAssertEqual(received, ["pos.set \"other\"", "pos.set \"new\""])
    }

    func testQueueLimits() async throws {
        let client = try await stranded()
        let limits = PitayaClient.Queue.wait(items: 1, bytes: 100)
        let large = await failure { try await client.notifyData("a.b", Data(count: 101), queue: limits) }
        XCTAssertEqual(large?.kind, .queueFull)
        let waiting = try await calls(client, [{ try await client.notifyData("a.b", queue: .wait(age: 2)) }])
        let second = await failure { try await client.notifyData("a.b", queue: limits) }
        XCTAssertEqual(second?.kind, .queueFull)
        let old = await waiting[0].value
        XCTAssertEqual(old?.kind, .expired)
    }

    func testQueueHeld() async throws {
        let client = try await stranded { $0.holdsQueue = true }
        let waiting = try await calls(client, [{ try await client.notify("chat.say", 1, queue: .wait()) }])
        client.resume()
        try await client.waitUntilConnected()
        try await client.notify("room.join", 2)
        client.release()
        let failed = await waiting[0].value
        XCTAssertNil(failed)
        let received = try await client.received()
        XCTAssertEqual(received, ["room.join 2", "chat.say 1"])
        try await client.works()
    }
}
