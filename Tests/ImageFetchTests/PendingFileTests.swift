import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

@Suite("Files that are being downloaded")
struct PendingFileTests {
    @Test("Any number of parts arrive in order, and under the final name only", arguments: [true, false])
    func parts(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            let bytes = SampleImages.png(bytes: 200_000)
            try await withPendingFile(in: folder.path, isNameless: isNameless) { file in
                for start in stride(from: 0, to: bytes.count, by: 30_001) {
                    try await file.append(Array(bytes[start..<min(start + 30_001, bytes.count)]))
                    #expect(try folder.names().allSatisfy { $0.hasPrefix(".larkimg-") && $0.hasSuffix(".part") })
                }
                #expect(try await file.publish(as: "done", overwrite: false) == .named)
            }
            #expect(try folder.names() == ["done"])
            #expect(try folder.read("done") == bytes)
        }
    }

    @Test("A file that has the name is kept, or replaced when asked", arguments: [true, false])
    func taken(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            try folder.write([9, 9], to: "x")
            try await withPendingFile(in: folder.path, isNameless: isNameless) { file in
                try await file.append([1])
                #expect(try await file.publish(as: "x", overwrite: false) == .taken(bytes: 2))
                #expect(try folder.read("x") == [9, 9])
                #expect(try await file.publish(as: "x", overwrite: true) == .named)
            }
            #expect(try folder.read("x") == [1])
            #expect(try folder.names() == ["x"])
        }
    }

    @Test("A cancelled task leaves nothing", arguments: [true, false])
    func cancelled(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            let task = Task {
                try await withPendingFile(in: folder.path, isNameless: isNameless) { file in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await file.append([UInt8](repeating: 7, count: 100_000))
                    _ = try await file.publish(as: "x", overwrite: false)
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let names = try folder.names()
            #expect(names == [])
        }
    }

    @Test("A full disk is reported, and nothing is left", .enabled(if: TinyDisk.canMount, "mounting takes root"))
    func fullDisk() async throws {
        try await withTemporaryFolder { folder in
            try await TinyDisk.with(at: folder.path, options: "size=64k") {
                let error = await #expect(throws: ImageFetchError.self) {
                    try await withPendingFile(in: folder.path) { file in
                        try await file.append([UInt8](repeating: 7, count: 200_000))
                    }
                }
                let names = try folder.names()
                #expect(error?.kind == .writeFailed)
                #expect(names == [])
            }
        }
    }
}

/// Creates a pending file in a directory that is opened for it.
private func withPendingFile<Result>(
    in path: FilePath, isNameless: Bool = true, _ body: (PendingFile) async throws -> Result
) async throws -> Result {
    try await OutputDirectory.with(root: path) { output in
        try await output.withDirectory([]) { directory in
            try await PendingFile.with(
                in: directory, permissions: .ownerReadWrite, isNameless: isNameless, body)
        }
    }
}
