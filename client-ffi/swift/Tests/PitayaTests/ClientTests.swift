import XCTest
@testable import Pitaya

final class ClientTests: XCTestCase {
    func testNothing() {}
}
