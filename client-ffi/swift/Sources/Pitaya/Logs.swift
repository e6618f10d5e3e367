import PitayaNative

/// A line for a log.
public struct LogLine: Sendable, Hashable {
    public let level: Level
    /// Which part of the library says it.
    public let target: String
    public let message: String
    /// How many lines before it were dropped because they were not read in time.
    public let missed: Int

    /// How important a line is.
    public enum Level: Sendable, Hashable {
        /// Every step.
        case trace
        /// Connections and states.
        case debug
        /// What happens rarely.
        case info
        /// What may be wrong.
        case warn
        /// What is wrong.
        case error
    }
}

extension PitayaStream where Element == LogLine {
    init(_ source: PitayaNative.Logs) {
        self.init(pull: { await source.next().map(LogLine.init) }, end: { source.stop() })
    }
}

extension LogLine {
    init(_ native: PitayaNative.LogLine) {
        level = switch native.level {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .warn: .warn
        case .error: .error
        }
        target = native.target
        message = native.message
        missed = Int(native.missed)
    }
}

extension LogLine.Level {
    var native: PitayaNative.LogLevel {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .warn: .warn
        case .error: .error
        }
    }
}
