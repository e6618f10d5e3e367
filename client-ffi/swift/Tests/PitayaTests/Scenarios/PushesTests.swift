import Foundation
import XCTest

@testable import Pitaya

/// Pushes and notifies.
final class PushesTests: PeerTest {
    private struct Keys: Codable, Equatable {
        let key1: Int
        let key2: Bool
    }

    private struct Coded: Codable, Equatable {
        let code: Int
        let route: String
    }

    private let keys = Keys(key1: 10, key2: true)

    func testNotify() async throws {
        let (_, client) = try await onDemand()
        for n in 0..<10 { try await client.notify("room.say", n) }
        let received = try await client.received()
        XCTAssertEqual(received, (0..<10).map { "room.say \($0)" })
    }

    func testNotifyToNowhere() async throws {
        let client = try await sdkClient()
        try await client.notify("connector.nowhere", [String: String]())
        _ = try await client.ask("connector.getsessiondata")
    }

    func testNotifyUnsent() async throws {
        let (_, client) = try await onDemand()
        await client.disconnect()
        let failed = await failure { try await client.notifyData("a.b") }
        XCTAssertEqual(failed?.kind, .notConnected)
    }

    func testPushThenAnswer() async throws {
        let client = try await sdkClient()
        let pushes = try client.pushes("some.push.route", as: Keys.self)
        let answer = try await client.ask("connector.sendpush", [:])
        XCTAssertEqual(answer["Msg"], "Ok")
        // It came before the answer: who reads what is there, and then no more, has it.
        await client.disconnect()
        let push = try await pushes.first()
        XCTAssertEqual(push, keys)
    }

    func testPushToNobody() async throws {
        let (_, client) = try await onDemand()
        let events = client.events()
        _ = try await client.ask("mock.push", 1)
        let route = try await events.first { event in
            if case let .unhandled(route) = event { route } else { nil }
        }
        XCTAssertEqual(route, "onPush")
        try await client.works()
    }

    func testPushOverflow() async throws {
        let client = try await connect(peer("on-demand").ws) { $0.limits.pushBuffer = 4 }
        let pushes = try client.pushes("onPush", as: Int.self)
        for n in 0..<10 { try await client.request("mock.push", n) }
        await client.disconnect()
        var kept: [Int] = []
        for try await n in pushes { kept.append(n) }
        XCTAssertEqual(kept, [6, 7, 8, 9])
        XCTAssertEqual(pushes.missed, 6)
    }

    func testCompressed() async throws {
        for url in try peer("compressed").both {
            let (client, pushes) = try await early(url) { try $0.pushes("onCompressed", as: Keys.self) }
            let push = try await pushes.first()
            XCTAssertEqual(push, keys)
            let answer = try await client.ask("a.b", [:])
            XCTAssertEqual(answer, ["isCompressed": .bool(false)])
        }
    }

    func testPushBomb() async throws {
        for url in try peer("push-bomb").both {
            let (client, pushes) = try await early(url) { try $0.pushes("onBomb", as: JSON.self) }
            for try await push in pushes { XCTFail("\(push)") }
            let reason = try await client.waitUntilClosed()
            XCTAssertEqual(reason.code, 405)
        }
    }

    func testDictionaryPushes() async throws {
        let routes = [("some.push.route", 2), ("onHigh", 515), ("onHighest", 65535)]
        for url in try peer("dictionary").both {
            let (client, streams) = try await early(url) { client in
                try routes.map { try client.pushes($0.0, as: Coded.self) }
            }
            for ((route, code), pushes) in zip(routes, streams) {
                let push = try await pushes.first()
                XCTAssertEqual(push, Coded(code: code, route: route))
            }
            await client.disconnect()
        }
    }

    func testUnknownRouteCode() async throws {
        for url in try peer("unknown-route-code").both {
            let reason = try await start(url).waitUntilClosed()
            XCTAssertEqual(reason.code, 402)
        }
    }

    func testManyPacketsPerFrame() async throws {
        for url in try peer("many-packets-per-frame").both {
            let (client, streams) = try await early(url) { try ["onFirst", "onLast"].map($0.pushesData) }
            try await client.waitUntilConnected()
            for body in ["1", "2"] {
                for (stream, push) in zip(streams, [#"{"n":1}"#, #"{"n":2}"#]) {
                    let data = try await stream.first()
                    XCTAssertEqual(String(decoding: data, as: UTF8.self), push)
                }
                // The answer brings the next two along.
                let answer = try await client.requestData("a.b", Data(body.utf8))
                XCTAssertEqual(String(decoding: answer, as: UTF8.self), body)
            }
        }
    }

    func testTextFrame() async throws {
        let (client, pushes) = try await early(peer("text-frame").ws) { try $0.pushes("onText", as: Keys.self) }
        let push = try await pushes.first()
        XCTAssertEqual(push, keys)
        try await client.waitUntilConnected()
        let answer = try await client.ask("a.b", "x")
        XCTAssertEqual(answer, "x")
    }
}
