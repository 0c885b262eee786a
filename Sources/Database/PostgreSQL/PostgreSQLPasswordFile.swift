#if PostgreSQL
import Glibc
import SystemPackage

/// A file with a password and nothing else.
enum PostgreSQLPasswordFile {
    /// The longest file.
    private static let limit = 4096

    /// Reads a password, without the line's end.
    ///
    /// - Throws: ``DatabaseError`` `cannotOpen`, also for a file that others than its owner can read.
    static func read(_ path: FilePath) throws -> String {
        do {
            // Not blocking: opening a FIFO would wait for its writer.
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            return try file.closeAfter {
                var status = stat()
                guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
                guard status.st_mode & 0o077 == 0 else {
                    throw DatabaseError(.cannotOpen, "the password file \(path) can be read by others")
                }
                let bytes = try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
                guard !line.isEmpty, bytes.count < limit, !line.contains(0),
                    let password = String(validating: line, as: UTF8.self)
                else { throw DatabaseError(.cannotOpen, "the password file \(path) does not hold a password") }
                return password
            }
        } catch let error as Errno {
            throw DatabaseError(
                .cannotOpen, "the password file \(path) cannot be read: \(error.description.lowercased())")
        }
    }
}
#endif
