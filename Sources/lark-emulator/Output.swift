import Glibc

/// An error message and the exit status, as in sysexits.h.
struct Failure: Error {
    var message: String
    var status: Int32

    init(_ message: String, status: Int32) {
        self.message = message
        self.status = status
    }
}

/// A standard stream whose failed writes are errors.
enum Output: Int32 {
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
                throw Failure("cannot write to \(self): \(String(cString: strerror(errno)))", status: 74)
            }
        }
    }
}

extension Output: CustomStringConvertible {
    var description: String {
        switch self {
        case .standardOutput: "standard output"
        case .standardError: "standard error"
        }
    }
}
