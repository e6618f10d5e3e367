import Foundation
import XCTest

/// The tests of this folder are exactly the rows of the table.
final class TableTests: XCTestCase {
    /// Names of the rows that apply to this client: the last cell names the platforms that a row is not for, each with a reason.
    private func rows() throws -> Set<String> {
        let table = try String(contentsOf: repository.appendingPathComponent("conformance/scenarios.md"), encoding: .utf8)
        let rows = table.split(separator: "\n").map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        return Set(rows.filter { $0.count == 7 && $0[1].hasPrefix("`") && !$0[5].contains("swift (") }.map { row in
            row[1].trimmingCharacters(in: ["`"]).split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        })
    }

    private func tests() throws -> Set<String> {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var tests: Set<String> = []
        for file in files where file.lastPathComponent != "TableTests.swift" {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where line.hasPrefix("    func test") {
                tests.insert(String(line.dropFirst("    func test".count).prefix { $0 != "(" }))
            }
        }
        return tests
    }

    func testEveryScenarioHasItsTest() throws {
        let (rows, tests) = (try rows(), try tests())
        XCTAssertFalse(rows.isEmpty)
        XCTAssertEqual(rows.subtracting(tests), [], "rows without a test")
        XCTAssertEqual(tests.subtracting(rows), [], "tests without a row")
    }
}
