import Foundation
import PitayaNative

extension PitayaClient.User {
    var isMadeOnDemand: Bool {
        if case .forEachAttempt = self { true } else { false }
    }

    /// The user that is the same each time, as JSON.
    func json() throws -> String? {
        guard case let .value(value) = self else { return nil }
        do {
            return try text(of: value)
        } catch {
            throw PitayaError(.user, "the user is not usable: \(error)", underlying: error)
        }
    }
}

/// Answers the questions of each handshake. It ends with the client, and does not keep it alive.
final class UserAnswers: @unchecked Sendable {
    private let lock = NSLock()
    private var lastFailure: (any Error)?

    /// What the function threw last, if it did the last time.
    var failure: (any Error)? {
        lock.lock()
        defer { lock.unlock() }
        return lastFailure
    }

    init(_ user: PitayaClient.User, _ questions: PitayaNative.UserQuestions) {
        guard case let .forEachAttempt(make) = user else { return }
        Task {
            while let question = await questions.next() {
                do {
                    try await question.answer(userJson: text(of: make()))
                    note(nil)
                } catch {
                    note(error)
                    question.fail(message: "\(error)")
                }
            }
        }
    }

    private func note(_ failure: (any Error)?) {
        lock.lock()
        defer { lock.unlock() }
        lastFailure = failure
    }
}

private func text(of user: any Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(user), as: UTF8.self)
}
