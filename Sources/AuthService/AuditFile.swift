import PosixFiles
import Synchronization
package import SystemPackage

/// The destination of audit lines: a file, or standard error.
package final class AuditFile: Sendable {
    /// How long a pipe may take nothing, in milliseconds: longer than a reader on a busy machine needs, and less than
    /// clients wait for a response.
    private static let writeTimeout: Int32 = 1000

    private let path: FilePath?
    /// Its number stays the same when the file is reopened, so that no writer has to be stopped.
    private let file: FileDescriptor
    /// Whether the last line may lack its end, because its write failed.
    private let isTorn = Mutex(false)

    /// Opens a file for appending.
    ///
    /// - Parameter path: nil for standard error.
    /// - Throws: `Errno`, for a FIFO without a reader as well.
    package init(_ path: FilePath?) throws {
        self.path = path
        file = try path.map(Self.open) ?? .standardError
    }

    private static func open(_ path: FilePath) throws -> FileDescriptor {
        // Opening a FIFO must not wait for a reader.
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.append, .create, .closeOnExec, .nonBlocking], permissions: .ownerReadWrite)
        file.setBlocking()
        return file
    }

    /// Appends lines, newlines included.
    ///
    /// - Throws: `Errno`. The next line then starts on a new line, even if a part of this one was written.
    package func append(_ lines: String) throws {
        // A pipe without a reader would hold up every request.
        guard try file.isReady(for: .writing, within: Self.writeTimeout) else {
            throw Errno.resourceTemporarilyUnavailable
        }
        let wasTorn = isTorn.withLock { isTorn in
            defer { isTorn = false }
            return isTorn
        }
        do {
            _ = try file.writeAll(((wasTorn ? "\n" : "") + lines).utf8)
        } catch {
            isTorn.withLock { $0 = true }
            throw error
        }
    }

    /// Opens the path again in place of the open file.
    ///
    /// - Throws: `Errno`; the open file stays in use.
    package func reopen() throws {
        guard let path else { return }
        let new = try Self.open(path)
        defer { try? new.close() }
        // Replaces the descriptor at once: there is no moment without a file.
        try new.duplicate(as: file).setClosedOnExec()
    }

    /// Closes the file.
    package func close() {
        if path != nil { try? file.close() }
    }
}
