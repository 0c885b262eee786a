#if PostgreSQL
import Glibc
import SystemPackage

/// A Unix socket that accepts connections and never answers.
struct SilentListener {
    private let descriptor: Int32

    /// Creates the socket.
    ///
    /// - Throws: `Errno`.
    init(at path: FilePath) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0, listen(descriptor, 8) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Closes the socket.
    func close() { _ = Glibc.close(descriptor) }
}
#endif
