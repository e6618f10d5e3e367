import Foundation

#if canImport(Glibc)
import Glibc
private let stream = Int32(SOCK_STREAM.rawValue)
#else
private let stream = SOCK_STREAM
#endif

/// A socket that listens on a free port of this machine, and answers nothing.
final class Listener: @unchecked Sendable {
    private let socket: Int32
    let port: UInt16

    init() throws {
        let socket = Foundation.socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 1) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard listens else { throw Unexpected("no free port: \(errno)") }
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Takes a connection, and then returns when the other side has ended it.
    func acceptUntilEnd(afterAccepting accepted: () -> Void) {
        let connection = accept(socket, nil, nil)
        accepted()
        var buffer = [UInt8](repeating: 0, count: 1024)
        while recv(connection, &buffer, buffer.count, 0) > 0 {}
        _ = close(connection)
    }

    deinit {
        _ = close(socket)
    }
}

/// An address on which nobody listens.
func nobody() throws -> String {
    "ws://127.0.0.1:\(try Listener().port)/"
}
