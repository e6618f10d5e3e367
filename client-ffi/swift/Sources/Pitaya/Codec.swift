import Foundation
import PitayaNative

/// How payloads become bytes, by the name that a handshake has for it.
public enum Serializer: Sendable, Hashable {
    /// JSON text, the default of servers.
    case json
    /// Protocol buffers.
    case protobuf
}

/// Writes and reads the bodies of connections with one serializer.
public protocol Codec: Sendable {
    /// Which connections it is for.
    var serializer: Serializer { get }

    /// The bytes of a body.
    func encode<Body: Encodable>(_ body: Body) throws -> Data

    /// The body that the bytes are.
    func decode<Body: Decodable>(_ type: Body.Type, from data: Data) throws -> Body
}

/// JSON as Foundation writes and reads it.
public struct JSONCodec: Codec {
    private let makeEncoder: @Sendable () -> JSONEncoder
    private let makeDecoder: @Sendable () -> JSONDecoder

    public var serializer: Serializer { .json }

    /// Give the functions to set how dates, keys or data look; they are called for each body.
    public init(
        encoder: @escaping @Sendable () -> JSONEncoder = { JSONEncoder() },
        decoder: @escaping @Sendable () -> JSONDecoder = { JSONDecoder() }
    ) {
        makeEncoder = encoder
        makeDecoder = decoder
    }

    public func encode<Body: Encodable>(_ body: Body) throws -> Data {
        try makeEncoder().encode(body)
    }

    /// Without bytes, a text is `null`.
    public func decode<Body: Decodable>(_ type: Body.Type, from data: Data) throws -> Body {
        try makeDecoder().decode(type, from: data.isEmpty ? Data("null".utf8) : data)
    }
}

/// The codecs of a client, which they do not keep alive.
struct Codecs: Sendable {
    let all: [any Codec]
    let serializer: @Sendable () -> Serializer?

    func encode<Body: Encodable>(_ route: String, _ body: Body) throws -> Data {
        do {
            return try current().encode(body)
        } catch {
            throw PitayaError(.encode, "the body for \(route) cannot be written: \(error)", underlying: error)
        }
    }

    func decode<Body: Decodable>(_ route: String, _ data: Data) throws -> Body {
        do {
            return try current().decode(Body.self, from: data)
        } catch {
            var failed = PitayaError(.decode, "\(route) has an unreadable body: \(error)", underlying: error)
            failed.isSent = true
            throw failed
        }
    }

    /// The codec of the connection's serializer. Before that is known nothing can be sent, so that any of them will do.
    private func current() throws -> any Codec {
        let name = serializer()
        guard let codec = all.first(where: { name == nil || $0.serializer == name }) else {
            let name = name.map { "\($0)" } ?? "any serializer"
            throw PitayaError(.settings, "no codec for \(name): add one, or use the functions with data")
        }
        return codec
    }
}

extension Serializer {
    init(_ native: PitayaNative.Serializer) {
        self = switch native {
        case .json: .json
        case .protobuf: .protobuf
        }
    }

    var native: PitayaNative.Serializer {
        switch self {
        case .json: .json
        case .protobuf: .protobuf
        }
    }
}
