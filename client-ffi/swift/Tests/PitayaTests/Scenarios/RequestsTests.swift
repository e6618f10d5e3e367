import Foundation
import XCTest

@testable import Pitaya

/// Requests and what becomes of them.
final class RequestsTests: PeerTest {
    private struct ByCode: Codable, Equatable {
        let byCode: Bool
        let route: String
    }

    func testRequest() async throws {
        let client = try await sdkClient()
        let session: JSON = ["Data": ["name": "a 😀 b", "list": [1, .number(2.5), .null]]]
        let done = try await client.ask("connector.setsessiondata", session)
        XCTAssertEqual(done, ["Code": 200, "Msg": "success"])
        let kept = try await client.ask("connector.getsessiondata")
        XCTAssertEqual(kept, session)
    }

    func testManyRequests() async throws {
        let (_, client) = try await onDemand()
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for n in 0..<100 { group.addTask { (n, try await client.request("a.b", n)) } }
            for try await (asked, answered) in group { XCTAssertEqual(asked, answered) }
        }
    }

    func testServerError() async throws {
        let (_, client) = try await onDemand()
        let error: JSON = ["code": "ROOM-1", "msg": "no such room", "metadata": ["room": "7"]]
        let failed = await failure { try await client.request("mock.fail", error) }
        XCTAssertEqual(failed?.kind, .server)
        XCTAssertEqual(failed?.code, "ROOM-1")
        XCTAssertEqual(failed?.message, "no such room")
        XCTAssertEqual(failed?.metadata, ["room": "7"])
        try await client.works()
    }

    func testUnknownRoute() async throws {
        let client = try await sdkClient()
        let failed = await failure { try await client.ask("connector.nowhere", [:]) }
        XCTAssertEqual(failed?.code, "PIT-404")
        _ = try await client.ask("connector.getsessiondata")
    }

    func testRequestTimeout() async throws {
        let client = try await connect(peer("silent").ws)
        let failed = await failure { try await client.ask("a.b", timeout: 0.1) }
        XCTAssertEqual(failed?.kind, .timeout)
        XCTAssertEqual(failed?.after, 0.1)
        XCTAssertEqual(failed?.isSent, true)
        XCTAssertEqual(failed?.isRetryable, true)
        XCTAssertEqual(client.state, .connected)
    }

    func testLateResponse() async throws {
        let client = try await connect(peer("late-response").tcp)
        let events = client.events()
        let failed = await failure { try await client.ask("a.b", "early", timeout: 0.05) }
        XCTAssertEqual(failed?.kind, .timeout)
        let answer = try await client.ask("a.b", "patient")
        XCTAssertEqual(answer, "patient")
        let late = try await events.unmatched()
        XCTAssertTrue(late)
    }

    func testCancel() async throws {
        let client = try await connect(peer("late-response").ws)
        let events = client.events()
        let late = Task { try await events.unmatched() }
        let answered = Task { () -> Bool in
            // A task that is cancelled before it began has sent nothing, and no answer is late: another one is cancelled.
            while !late.isCancelled {
                let call = Task { try await client.ask("a.b", 1) }
                for _ in 0..<100 { await Task.yield() }
                call.cancel()
                do {
                    _ = try await call.value
                    XCTFail("it was not cancelled")
                } catch {
                    XCTAssertTrue(error is CancellationError, "\(error)")
                }
                let answer = try await client.ask("a.b", 3)
                XCTAssertEqual(answer, 3)
            }
            return true
        }
        let isLate = try await late.value
        XCTAssertTrue(isLate)
        late.cancel()
        let done = try await answered.value
        XCTAssertTrue(done)
    }

    func testCorruptBody() async throws {
        for url in try peer("corrupt-body").both {
            let client = try await connect(url)
            let failed = await failure { try await client.ask("a.b", 1) }
            XCTAssertEqual(failed?.kind, .decode)
            let reason = try await client.waitUntilClosed()
            XCTAssertEqual(reason.code, 405)
        }
    }

    func testDictionaryRequest() async throws {
        let client = try await connect(peer("dictionary").ws)
        for (route, coded) in [("connector.echo", true), ("connector.other", false)] {
            let answer: ByCode = try await client.request(route)
            XCTAssertEqual(answer, ByCode(byCode: coded, route: route))
        }
    }

    func testUnknownAnswer() async throws {
        for url in try peer("unknown-answer").both {
            let (client, events) = try await early(url) { $0.events() }
            let late = try await events.unmatched()
            XCTAssertFalse(late)
            try await client.waitUntilConnected()
            try await client.works()
        }
    }

    func testRouteTooLong() async throws {
        let (_, client) = try await onDemand()
        let failed = await failure { try await client.ask("a." + String(repeating: "b", count: 254), 1) }
        XCTAssertEqual(failed?.kind, .route)
        XCTAssertEqual(failed?.isSent, false)
        let answer = try await client.ask("a." + String(repeating: "b", count: 253), 1)
        XCTAssertEqual(answer, 1)
    }

    func testBodyTooLarge() async throws {
        let (_, client) = try await onDemand()
        let failed = await failure { try await client.requestData("a.b", Data(count: 0xFFFFFF + 1)) }
        XCTAssertEqual(failed?.kind, .tooLarge)
        XCTAssertEqual(failed?.isSent, false)
        try await client.works()
    }

    func testBodyWithoutForm() async throws {
        let (_, client) = try await onDemand()
        let failed = await failure { try await client.request("a.b", Double.nan) }
        XCTAssertEqual(failed?.kind, .encode)
        XCTAssertEqual(failed?.isSent, false)
        XCTAssertTrue(failed?.underlying is EncodingError)
        try await client.works()
    }

    func testAnswerUnreadable() async throws {
        let (_, client) = try await onDemand()
        let failed = await failure { try await client.ask("mock.broken", 1) }
        XCTAssertEqual(failed?.kind, .decode)
        XCTAssertTrue(failed?.underlying is DecodingError)
        try await client.works()
    }

    func testRttByRequests() async throws {
        let client = try await connect(peer("late-response").ws)
        XCTAssertNil(client.rtt)
        _ = try await client.ask("a.b")
        let rtt = try XCTUnwrap(client.rtt)
        XCTAssertEqual(rtt.source, .requests)
        XCTAssertGreaterThanOrEqual(rtt.time, delay)
    }

    func testRttByHeartbeats() async throws {
        let client = try await connect(sdk(heartbeat: 1).url("json-ws"))
        let measured = try await client.events().first { event in
            if case let .measured(rtt) = event { rtt } else { nil }
        }
        XCTAssertEqual(measured.source, .heartbeat)
        XCTAssertNotNil(client.rtt)
    }
}
