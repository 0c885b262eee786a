import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// A file that several processes may append lines to at the same time: each line is one write.
struct AppendOnlyFile {
    private let file: FileDescriptor
    private let name: String

    /// Runs a closure with the file, opened or created with missing directories, or nil if none is given.
    ///
    /// - Throws: ``CommandError`` when it cannot be opened or written; what the body throws.
    static func with<Result>(_ name: String?, _ body: (AppendOnlyFile?) async throws -> Result) async throws -> Result {
        guard let name else { return try await body(nil) }
        let lines = try opening(name) {
            let path = FilePath(name)
            try path.parent.createDirectories(permissions: FilePermissions(rawValue: 0o777))
            return try FileDescriptor.open(
                path, .writeOnly, options: [.create, .append, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o644))
        }
        do {
            if lines.lacksLastEnd() { try lines.append("\n") }
            let result = try await body(lines)
            try lines.sync()
            try lines.file.close()
            return result
        } catch {
            // The first error is the one to report.
            try? lines.file.close()
            throw error
        }
    }

    private static func opening(_ name: String, _ open: () throws -> FileDescriptor) throws -> AppendOnlyFile {
        do {
            return AppendOnlyFile(file: try open(), name: name)
        } catch let error as Errno {
            throw failure(name, error, status: EX_CANTCREAT)
        }
    }

    /// Appends a line, newline included.
    ///
    /// - Throws: ``CommandError``.
    func append(_ line: String) throws {
        do {
            try file.writeAll(line.utf8)
        } catch let error as Errno {
            throw Self.failure(name, error, status: EX_IOERR)
        }
    }

    /// Whether the last line has no newline, because a process was killed. Pipes and devices have no last byte;
    /// a file that cannot be read counts as complete.
    private func lacksLastEnd() -> Bool {
        guard let status = try? FileStatus.of(file), status.kind == .regular, status.size > 0,
            let reader = try? FileDescriptor.open(FilePath(name), .readOnly, options: .closeOnExec)
        else { return false }
        defer { try? reader.close() }
        var last: [UInt8] = [UInt8(ascii: "\n")]
        _ = try? last.withUnsafeMutableBytes {
            try reader.read(fromAbsoluteOffset: Int64(status.size) - 1, into: $0)
        }
        return last != [UInt8(ascii: "\n")]
    }

    private func sync() throws {
        // Pipes and devices cannot be synced, and say so.
        do throws(Errno) {
            try file.sync()
        } catch {
            guard [.invalidArgument, .notSupported].contains(error) else {
                throw Self.failure(name, error, status: EX_IOERR)
            }
        }
    }

    private static func failure(_ name: String, _ error: Errno, status: Int32) -> CommandError {
        CommandError(
            description:
                "the report \(TerminalText.visible(name, limit: 200)) cannot be written: \(error.description.lowercased())",
            remedy: "Name another file with --report", status: status)
    }
}
