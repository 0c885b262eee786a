import PosixFiles
package import SystemPackage

/// A report that is written piece by piece and gets its name when it is complete: a reader finds the file as it was
/// before, or the complete new one.
package final class AtomicTextFile {
    private let file: AtomicFile
    private let directory: FilePath
    private var unwritten: [UInt8] = []

    private init(_ file: AtomicFile, in directory: FilePath) {
        self.file = file
        self.directory = directory
    }

    /// Creates a file, if one is named, passes it to a body to write to, and gives it its name when the body is done.
    ///
    /// - Parameters:
    ///   - path: what has the name already is replaced, unless it is a directory or a device. Missing directories are
    ///     created.
    ///   - report: what is written, for the remedy of an error.
    /// - Throws: ``ImageFetchError``; what the body throws, and then nothing is changed.
    package static func with<Result>(
        _ path: FilePath?, for report: DownloadAction.Report, _ body: (AtomicTextFile?) async throws -> Result
    ) async throws -> Result {
        guard let path else { return try await body(nil) }
        let action = DownloadAction.chooseReport(report)
        guard let name = path.lastComponent, name.kind == .regular else {
            throw ImageFetchError.creating(at: path, .isDirectory, action: action)
        }
        let parent = path.parent
        let directory = try creating(at: parent, action) {
            // Perhaps the directory of the images, which is created with the first of them.
            try parent.createDirectories(permissions: FilePermissions(rawValue: 0o777))
            return try FileDescriptor.openDirectory(parent)
        }
        // What must last was synced.
        defer { try? directory.close() }
        let file = try creating(at: path, action) { () throws -> AtomicFile in
            // Reported now, not at the end of a long run.
            if let status = try FileStatus.of(name.string, in: directory), !status.isReplaceable {
                throw ImageFetchError.inTheWay(ExistingEntry(path: path, status: status), action: action)
            }
            return try AtomicFile(in: directory, permissions: FilePermissions(rawValue: 0o644))
        }
        defer { file.close() }
        let text = AtomicTextFile(file, in: parent)
        let result = try await body(text)
        try text.finish()
        try creating(at: path, action) {
            try file.replace(name.string)
            try directory.sync()
        }
        return result
    }

    private static func creating<Result>(
        at path: FilePath, _ action: DownloadAction, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as Errno {
            throw ImageFetchError.creating(at: path, error, action: action)
        }
    }

    /// Writes the next piece.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`.
    package func append(_ text: String) throws { try append(text.utf8) }

    /// Writes the next bytes.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`.
    package func append(_ bytes: some Sequence<UInt8>) throws {
        unwritten += bytes
        if unwritten.count >= 1 << 16 { try writing { try flush() } }
    }

    private func finish() throws {
        try writing {
            try flush()
            try file.descriptor.sync()
        }
    }

    private func flush() throws {
        try file.descriptor.writeAll(unwritten)
        unwritten = []
    }

    private func writing(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as Errno {
            throw ImageFetchError.writing(in: directory, error)
        }
    }
}
