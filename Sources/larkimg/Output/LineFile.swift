import Glibc
import LarkAPI
import SystemPackage

/// A file that lines are appended to, by several processes at once if need be: each line is one write to the end.
struct LineFile {
    private let file: FileDescriptor
    private let name: String

    /// Opens or makes a file, if one is named, and gives it to a body.
    ///
    /// - Throws: ``InputError`` when it cannot be opened or written; what the body throws.
    static func with<Result>(_ name: String?, _ body: (LineFile?) async throws -> Result) async throws -> Result {
        guard let name else { return try await body(nil) }
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(name), .readWrite, options: [.create, .append, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o644))
        } catch let error as Errno {
            throw failure(name, error, status: EX_CANTCREAT)
        }
        let lines = LineFile(file: file, name: name)
        do {
            try lines.endLastLine()
            let result = try await body(lines)
            guard fsync(file.rawValue) == 0 || errno == EINVAL else { throw Errno(rawValue: errno) }
            try file.close()
            return result
        } catch let error as Errno {
            throw failure(name, error, status: EX_IOERR)
        } catch {
            // The first error is the one to tell.
            try? file.close()
            throw error
        }
    }

    /// Appends a line, its end included.
    ///
    /// - Throws: ``InputError``.
    func append(_ line: String) throws {
        do {
            try file.writeAll(line.utf8)
        } catch let error as Errno {
            throw Self.failure(name, error, status: EX_IOERR)
        }
    }

    /// A process that was killed may have left a line without its end.
    private func endLastLine() throws {
        guard let end = try? file.seek(offset: 0, from: .end), end > 0 else { return }
        var last: [UInt8] = [0]
        _ = try last.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: end - 1, into: $0) }
        if last != [UInt8(ascii: "\n")] { try append("\n") }
    }

    private static func failure(_ name: String, _ error: Errno, status: Int32) -> InputError {
        InputError(
            description:
                "the report \(DisplayText.visible(name, limit: 200)) cannot be written: \(error.description.lowercased())",
            remedy: "Name another file with --report", status: status)
    }
}
