import Foundation
import PitayaNative

extension PitayaClient {
    /// What becomes of a call while there is no connection.
    public enum Queue: Sendable, Hashable {
        /// It fails at once.
        case fail

        /// It waits for the connection: at most this many calls, bytes of routes and bodies, and seconds.
        case wait(items: Int = 64, bytes: Int = 65_536, age: TimeInterval = 30)

        /// It waits, and takes the place of the older call of the same kind, route and key, which fails as superseded.
        case latestOnly(key: String = "")
    }
}

extension PitayaClient.Queue {
    func native() throws -> PitayaNative.Offline {
        switch self {
        case .fail:
            .fail
        case let .wait(items, bytes, age):
            try .wait(items: limit(items, "items"), bytes: limit(bytes, "bytes"), ageMs: milliseconds(age, "an age"))
        case let .latestOnly(key):
            .latestOnly(key: key)
        }
    }
}
