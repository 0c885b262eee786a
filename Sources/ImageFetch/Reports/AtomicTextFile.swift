package import SystemPackage

/// A text file that is written piece by piece and gets its name when all of it is written: a reader finds the file as
/// it was before, or as it is at the end.
package final class AtomicTextFile {
    private let file: AtomicFile
    private var bytes = 0
    private var unwritten: [UInt8] = []

    private init(_ file: AtomicFile) {
        self.file = file
    }

    /// Makes a file, if one is named, gives it to a body to write to, and puts it in its place when the body is done.
    ///
    /// - Parameter path: what has the name already is replaced, unless it is a folder or a device.
    /// - Throws: ``ImageFetchError``; what the body throws, and then nothing is changed.
    package static func with<Result>(
        _ path: FilePath?, _ body: (AtomicTextFile?) async throws -> Result
    ) async throws -> Result {
        guard let path else { return try await body(nil) }
        guard let name = path.lastComponent, name.kind == .regular else {
            throw ImageFetchError.creating(at: path, .isDirectory)
        }
        return try await OutputDirectory.with(root: path.removingLastComponent()) { tree in
            try await tree.inFolder([]) { folder in
                // Told now, not when the run is over.
                guard try ExistingEntry.status(of: name.string, in: folder).isReplaceable else {
                    throw ExistingEntry.inTheWay(path)
                }
                return try await AtomicFile.with(in: folder, permissions: FilePermissions(rawValue: 0o644)) {
                    unfinished in
                    let file = AtomicTextFile(unfinished)
                    let result = try await body(file)
                    try file.flush()
                    _ = try await unfinished.name(name.string, overwrite: true)
                    return result
                }
            }
        }
    }

    /// Writes the next piece.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`.
    package func append(_ text: String) throws {
        unwritten += text.utf8
        if unwritten.count >= 1 << 16 { try flush() }
    }

    private func flush() throws {
        try unwritten.withUnsafeBytes { try file.write($0, at: bytes) }
        bytes += unwritten.count
        unwritten = []
    }
}
