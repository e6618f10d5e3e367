import XCTest

@testable import Pitaya

/// What a server may answer to the handshake.
final class HandshakesTests: PeerTest {
    /// The close that a handshake leads to, for good.
    private func refusal(_ script: String, capabilities: [String]? = nil) async throws -> CloseReason {
        var reason: CloseReason?
        for url in try peer(script).both {
            let failed = await failure { try await self.connect(url) { $0.capabilities = capabilities } }
            XCTAssertEqual(failed?.isRetryable, false)
            reason = failed?.reason
        }
        return try XCTUnwrap(reason)
    }

    func testSerializerByHandshake() async throws {
        let sdk = try sdk()
        for (name, serializer) in [("json-ws", Serializer.json), ("protobuf-ws", .protobuf)] {
            let client = try await connect(sdk.url(name)) { $0.serializers = [.json, .protobuf] }
            XCTAssertEqual(client.serializer, serializer)
            let failed = await failure { try await client.requestData("connector.nothing") }
            XCTAssertEqual(failed?.code, "PIT-404")
        }
    }

    func testSerializerMismatch() async throws {
        let url = try sdk().url("protobuf-ws")
        let failed = await failure { try await self.connect(url) }
        XCTAssertTrue(try XCTUnwrap(failed).message.contains("protobuf"))
        XCTAssertEqual(failed?.isRetryable, false)
    }

    func testCompressedHandshake() async throws {
        for url in try peer("compressed").both { _ = try await connect(url) }
    }

    func testRefused() async throws {
        let reason = try await refusal("refused", capabilities: [])
        XCTAssertEqual(reason.code, 502)
        XCTAssertTrue(reason.reason.contains("400"), reason.reason)
    }

    func testRefusedWithReason() async throws {
        let reason = try await refusal("refused")
        XCTAssertEqual(reason.code, 502)
        XCTAssertEqual(reason.reason, "refused by the script")
    }

    func testTooOld() async throws {
        let reason = try await refusal("too-old")
        XCTAssertEqual(reason.code, 503)
    }

    func testHandshakeNotJson() async throws {
        let reason = try await refusal("handshake-not-json")
        XCTAssertEqual(reason.code, 404)
    }

    func testHandshakeWithoutSys() async throws {
        for url in try peer("handshake-without-sys").both {
            let client = try await connect(url)
            XCTAssertEqual(client.serializer, .json)
            try await client.works()
        }
    }

    func testHandshakeBomb() async throws {
        let reason = try await refusal("handshake-bomb")
        XCTAssertEqual(reason.code, 405)
    }
}
