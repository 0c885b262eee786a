import LarkAPI
import PosixFiles
import SystemPackage

extension OutputDirectory {
    /// Gives a file that was downloaded another name: a hard link, or a copy where the file system makes none. The name
    /// is durable after ``syncDirectory(_:)``.
    ///
    /// - Parameters:
    ///   - name: the other name.
    ///   - original: the name that the download got.
    ///   - overwrite: replaces a file that has the name.
    /// - Returns: nil if the original is gone, or does not tell the extension that the name needs.
    /// - Throws: ``ImageFetchError``; `CancellationError`.
    nonisolated func link(
        _ reference: ImageReference, as name: OutputName, to original: OutputName, overwrite: Bool
    ) async throws -> DownloadOutcome? {
        let lookup = DownloadTarget.Lookup(
            directories: original.directories, fileNames: original.possibleFileNames(of: reference))
        guard let entry = try await firstExisting(lookup), entry.status.kind == .regular,
            let originalName = entry.path.lastComponent?.string
        else { return nil }
        if name == original { return .existing(reference, path: entry.path, bytes: entry.status.size) }
        let fileExtension = original.fileExtension(in: originalName, of: reference)
        guard fileExtension != nil || !name.hasFileExtension else { return nil }
        let fileName = name.fileName(withExtension: fileExtension ?? "")
        return try await withDirectory(original.directories) { source in
            try await withDirectory(name.directories) { target in
                let naming = try await target.run {
                    try Self.link(originalName, of: source, as: fileName, in: target, overwrite: overwrite)
                }
                let path = target.path(of: fileName)
                if case .taken(let bytes) = naming { return .existing(reference, path: path, bytes: bytes) }
                return .linked(reference, path: path, bytes: entry.status.size)
            }
        }
    }

    /// Returns when the names in a directory below the root are on the disk.
    ///
    /// - Throws: ``ImageFetchError``; `CancellationError`.
    nonisolated func syncDirectory(_ names: [String]) async throws {
        try await withDirectory(names) { try await $0.sync() }
    }

    /// Blocks.
    private static func link(
        _ originalName: String, of source: OpenDirectory, as name: String, in target: OpenDirectory, overwrite: Bool
    ) throws -> PendingFile.Naming {
        let original: FileDescriptor
        do throws(Errno) {
            original = try source.descriptor.openFile(originalName)
        } catch {
            throw ImageFetchError.creating(at: source.path(of: originalName), error)
        }
        // It was read at most, so closing loses nothing.
        defer { try? original.close() }
        // To replace a name by a second link to the same file would leave both.
        if let status = try target.status(of: name), status.identity == (try? FileStatus.of(original))?.identity {
            return .taken(bytes: status.size)
        }
        do {
            return try PendingFile.name(
                AtomicFile(linking: original, in: target.descriptor), name, in: target, overwrite: overwrite)
        } catch let error as ImageFetchError where (error.underlying as? Errno).map(unlinkable.contains) == true {
            return try copy(original, as: name, in: target, overwrite: overwrite)
        }
    }

    /// What link(2) returns where a file cannot have another name there.
    private static let unlinkable: Set<Errno> = [
        .improperLink, .tooManyLinks, .notPermitted, .notSupported, .noSuchFileOrDirectory, .permissionDenied,
    ]

    private static func copy(
        _ original: FileDescriptor, as name: String, in target: OpenDirectory, overwrite: Bool
    ) throws -> PendingFile.Naming {
        do {
            let file = try AtomicFile(in: target.descriptor, permissions: FilePermissions(rawValue: 0o644))
            defer { file.close() }
            var offset: Int64 = 0
            while true {
                let part = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                    count = try original.read(
                        fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
                }
                if part.isEmpty { break }
                try file.descriptor.writeAll(part)
                offset += Int64(part.count)
            }
            try file.descriptor.sync()
            return try PendingFile.name(file, name, in: target, overwrite: overwrite)
        } catch let error as Errno {
            throw ImageFetchError.writing(in: target.path, error)
        }
    }
}
