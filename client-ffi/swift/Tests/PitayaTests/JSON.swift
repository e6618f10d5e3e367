import Foundation

/// Any JSON.
enum JSON: Codable, Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSON].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    func encode(to encoder: Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case let .bool(bool): try value.encode(bool)
        case let .number(number): try value.encode(number)
        case let .string(string): try value.encode(string)
        case let .array(array): try value.encode(array)
        case let .object(object): try value.encode(object)
        }
    }

    /// A member of an object.
    subscript(_ name: String) -> JSON? {
        if case let .object(object) = self { object[name] } else { nil }
    }

    /// A text as it is, a whole number without a point.
    var text: String {
        switch self {
        case .null: "null"
        case let .bool(bool): "\(bool)"
        case let .number(number): number == number.rounded() ? "\(Int(number))" : "\(number)"
        case let .string(string): string
        case let .array(array): "\(array.map(\.text))"
        case let .object(object): "\(object.mapValues(\.text))"
        }
    }
}

extension JSON: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    init(integerLiteral value: Int) {
        self = .number(Double(value))
    }

    init(stringLiteral value: String) {
        self = .string(value)
    }

    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(uniqueKeysWithValues: elements))
    }

    init(arrayLiteral elements: JSON...) {
        self = .array(elements)
    }
}
