import Glibc

/// A standard stream whose failed writes are errors.
enum Output: Int32 {
    /// A failed write.
    struct Failure: Error, CustomStringConvertible {
        var errno: Int32

        var description: String {
            String(cString: strerror(errno))
        }
    }

    case standardOutput = 1
    case standardError = 2

    func write(_ text: String) throws(Failure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                Glibc.write(rawValue, bytes.baseAddress, bytes.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw Failure(errno: errno)
            }
        }
    }
}
