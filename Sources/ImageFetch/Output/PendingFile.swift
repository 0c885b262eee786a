import FoundationEssentials
import LarkAPI
import PosixFiles
import SystemPackage

/// A file that is being downloaded. It gets its name when it is complete.
///
/// Bytes are collected and written 64 KiB at a time, the last ones together with the name, so that a small image needs
/// one call on the directory's threads.
final class PendingFile: DownloadSink {
    private static let writeSize = 64 << 10

    private let file: AtomicFile
    private let directory: OpenDirectory
    private var unwritten: [UInt8] = []
    private var written = 0

    private init(_ file: AtomicFile, in directory: OpenDirectory) {
        self.file = file
        self.directory = directory
    }

    /// Creates a file, passes it to a body, and removes it unless the body gave it a name.
    ///
    /// - Parameters:
    ///   - directory: where it gets its name.
    ///   - permissions: from the first byte, less the umask.
    ///   - isNameless: whether to try `O_TMPFILE`.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        in directory: OpenDirectory, permissions: FilePermissions, isNameless: Bool = true,
        _ body: (PendingFile) async throws -> Result
    ) async throws -> Result {
        let file: AtomicFile
        do {
            file = try await directory.run {
                try AtomicFile(in: directory.descriptor, permissions: permissions, isNameless: isNameless)
            }
        } catch let error as Errno {
            throw ImageFetchError.creating(at: directory.path, error)
        }
        do {
            let result = try await body(PendingFile(file, in: directory))
            await directory.runAlways { file.close() }
            return result
        } catch {
            await directory.runAlways { file.close() }
            throw error
        }
    }

    /// Adds bytes at the end.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`; `CancellationError`.
    func append(_ bytes: [UInt8]) async throws {
        unwritten += bytes
        if unwritten.count >= Self.writeSize { try await flush() }
    }

    private func flush() async throws {
        let write = writeOperation()
        try await directory.run(write)
    }

    /// The call that writes what was collected.
    private func writeOperation() -> @Sendable () throws -> Void {
        let (bytes, offset, descriptor, path) = (unwritten, Int64(written), file.descriptor, directory.path)
        written += bytes.count
        unwritten = []
        return {
            do {
                _ = try descriptor.writeAll(toAbsoluteOffset: offset, bytes)
            } catch let error as Errno {
                throw ImageFetchError.writing(in: path, error)
            }
        }
    }

    /// The result of giving a file its name.
    enum Naming: Equatable {
        case named
        /// A regular file of this size, in bytes, has the name and was left alone.
        case taken(bytes: Int)
    }

    /// Makes the file durable, then gives it its name, then makes the name durable.
    ///
    /// - Parameters:
    ///   - overwrite: replaces a regular file or a link of that name; the link, not what it points to.
    ///   - modified: the file's time of modification; nil for the current one.
    /// - Throws: ``ImageFetchError`` `writeFailed` or `cannotCreate`; `CancellationError`.
    func publish(as name: String, overwrite: Bool, modified: Date? = nil) async throws -> Naming {
        let write = writeOperation()
        let naming = try await directory.run { [file, directory] in
            try write()
            do throws(Errno) {
                if let modified { try file.descriptor.setModified(modified.timeIntervalSince1970) }
                try file.descriptor.sync()
            } catch {
                throw ImageFetchError.writing(in: directory.path, error)
            }
            return try Self.name(file, name, in: directory, overwrite: overwrite)
        }
        if naming == .named { try await directory.sync() }
        return naming
    }

    /// Gives a file its name. Blocks. Sync the file before, and the directory afterwards.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate`.
    static func name(
        _ file: AtomicFile, _ name: String, in directory: OpenDirectory, overwrite: Bool
    ) throws -> Naming {
        let path = directory.path(of: name)
        do {
            var status: FileStatus?
            // A name that was taken may be free when it is examined; then it is tried once more.
            for _ in 1...2 where status == nil {
                if try file.link(as: name) { return .named }
                status = try directory.status(of: name)
            }
            guard let status else { throw Errno.fileExists }
            if !overwrite, status.kind == .regular, !status.isEmptyFile { return .taken(bytes: status.size) }
            guard status.isEmptyFile || overwrite && status.isReplaceable else {
                throw ImageFetchError.inTheWay(ExistingEntry(path: path, status: status))
            }
            try file.replace(name)
            return .named
        } catch let error as Errno {
            throw ImageFetchError.creating(at: path, error)
        }
    }

    /// The path of a name in the file's directory.
    func path(of name: String) -> FilePath { directory.path(of: name) }

    /// Copies the file to an open descriptor.
    ///
    /// A reader that sleeps holds no thread and keeps no download that is cancelled, and a pipe that another process
    /// has made non-blocking is no error.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`; `CancellationError`.
    func copy(to output: FileDescriptor, clocks: Clocks) async throws {
        try await flush()
        do {
            var offset = 0
            var wait = Duration.milliseconds(1)
            while offset < written {
                let copied = try await directory.run { [file, written, offset] in
                    try Self.copyWhileReady(
                        from: file.descriptor, at: offset, length: written - offset, to: output)
                }
                offset += copied
                wait = copied > 0 ? .milliseconds(1) : min(wait * 2, .milliseconds(50))
                if offset < written { try await clocks.sleep(wait) }
            }
        } catch let error as Errno {
            throw ImageFetchError(
                .writeFailed, "cannot write the image to the output: \(error.reason)",
                remedy: "Check where the output goes; it may hold part of the image", underlying: error
            )
        }
    }

    /// Copies until the output takes nothing more at once, or a mebibyte is done.
    ///
    /// Before each write the output is polled, and it gets no more than a pipe that is ready takes without waiting
    /// (PIPE_BUF, pipe(7)).
    private static func copyWhileReady(
        from file: FileDescriptor, at start: Int, length: Int, to output: FileDescriptor
    ) throws -> Int {
        var copied = 0
        while copied < min(length, 1 << 20), try output.isReady(for: .writing) {
            let part = try [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                count = try file.read(
                    fromAbsoluteOffset: Int64(start + copied), into: UnsafeMutableRawBufferPointer(buffer))
            }
            // The disk does not return what was written.
            guard !part.isEmpty else { throw Errno.ioError }
            do {
                copied += try part.withUnsafeBytes { try output.write($0) }
            } catch Errno.resourceTemporarilyUnavailable {
                // Another process wrote to it in between.
                break
            }
        }
        return copied
    }
}
