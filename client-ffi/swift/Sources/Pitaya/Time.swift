import Foundation

/// The most milliseconds that are passed on; longer is as good as for ever, and leaves room to add to a clock.
private let forever = 1e14

/// A time as the library takes it: at least a millisecond where it is not nothing.
func milliseconds(_ time: TimeInterval, _ what: String) throws -> UInt64 {
    guard time >= 0 else {
        throw PitayaError(.settings, "\(what) is not negative: \(time)")
    }
    return UInt64(min((time * 1000).rounded(.up), forever))
}

/// A time as the library tells it.
func seconds(_ milliseconds: UInt64) -> TimeInterval {
    TimeInterval(milliseconds) / 1000
}

/// A limit as the library takes it.
func limit(_ value: Int?, _ what: String) throws -> UInt32? {
    guard let value else { return nil }
    guard let limit = UInt32(exactly: value) else {
        throw PitayaError(.settings, "\(what): \(value) is out of range")
    }
    return limit
}
