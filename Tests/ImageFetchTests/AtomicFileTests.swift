import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

@Suite("Unfinished files")
struct UnfinishedFileTests {
    @Test("Until it is named, a file has no name, or where that cannot be, a hidden one", arguments: [true, false])
    func hidden(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            try await withUnfinishedFile(in: folder.path, permissions: .ownerReadWrite, isNameless: isNameless) {
                file in
                try file.write(bytes: [1, 2, 3])
                let names = try folder.names()
                #expect(names.count == (isNameless ? 0 : 1))
                #expect(names.allSatisfy { $0.hasPrefix(".larkimg-") && $0.hasSuffix(".part") })
                #expect(try await file.name("done", overwrite: false) == .named)
            }
            #expect(try folder.names() == ["done"])
            #expect(try folder.read("done") == [1, 2, 3])
        }
    }

    @Test("A file that was not named is gone", arguments: [true, false])
    func dropped(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            try await withUnfinishedFile(in: folder.path, permissions: .ownerReadWrite, isNameless: isNameless) {
                try $0.write(bytes: [1])
            }
            #expect(try folder.names() == [])
        }
    }

    @Test("A name that is taken stays with its file; replaced, it is never without one", arguments: [true, false])
    func taken(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            try folder.write([9, 9], to: "x")
            try await withUnfinishedFile(in: folder.path, permissions: .ownerReadWrite, isNameless: isNameless) {
                file in
                try file.write(bytes: [1])
                #expect(try await file.name("x", overwrite: false) == .taken(bytes: 2))
                #expect(try folder.read("x") == [9, 9])
                #expect(try await file.name("x", overwrite: true) == .named)
            }
            #expect(try folder.read("x") == [1])
            #expect(try folder.names() == ["x"])
        }
    }

    @Test(
        "What a process that died a day ago left is swept away; what may still be written is not",
        arguments: [true, false])
    func sweep(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            let old = PartFileCleanup.newName()
            let young = PartFileCleanup.newName()
            for name in [old, young, ".larkimg-notes", "picture.part"] { try folder.write([1], to: name) }
            for name in [old, "picture.part"] {
                let times = [
                    timespec(tv_sec: time(nil) - 90_000, tv_nsec: 0), timespec(tv_sec: time(nil) - 90_000, tv_nsec: 0),
                ]
                #expect(utimensat(AT_FDCWD, folder.appending(name).string, times, 0) == 0)
            }
            try folder.write([1], to: "x")
            let naming = try await withUnfinishedFile(
                in: folder.path, permissions: .ownerReadWrite, isNameless: isNameless
            ) { try await $0.name("x", overwrite: true) }
            #expect(naming == .named)
            #expect(try folder.names() == [".larkimg-notes", "picture.part", "x", young].sorted())
        }
    }

    @Test("A full disk is said so, and nothing is left", .enabled(if: TinyDisk.canMount, "mounting takes root"))
    func fullDisk() async throws {
        try await withTemporaryFolder { folder in
            try await TinyDisk.with(at: folder.path, options: "size=64k") {
                let error = await #expect(throws: ImageFetchError.self) {
                    try await withUnfinishedFile(in: folder.path, permissions: .ownerReadWrite) { file in
                        try file.write(bytes: [UInt8](repeating: 7, count: 200_000))
                    }
                }
                let names = try folder.names()
                #expect(error?.kind == .writeFailed)
                #expect(names == [])
            }
        }
    }

    @Test("Its permissions are those asked for from the first byte, less the umask", arguments: [true, false])
    func permissions(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            let asked = FilePermissions(rawValue: 0o644)
            let expected = asked.rawValue & ~(try umaskOfThisProcess())
            try await withUnfinishedFile(in: folder.path, permissions: asked, isNameless: isNameless) { file in
                if !isNameless {
                    let draft = try #require(try folder.names().first)
                    #expect(try mode(of: draft, in: folder) == expected)
                }
                #expect(try await file.name("x", overwrite: false) == .named)
            }
            #expect(try mode(of: "x", in: folder) == expected)
        }
    }

    /// From proc(5): umask(2) can only be read by setting it, which all tests would feel.
    private func umaskOfThisProcess() throws -> mode_t {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Umask:") })
        return try #require(mode_t(line.dropFirst("Umask:".count).filter(\.isNumber), radix: 8))
    }

    private func mode(of name: String, in folder: TemporaryFolder) throws -> mode_t {
        var status = stat()
        try #require(lstat(folder.appending(name).string, &status) == 0)
        return status.st_mode & 0o7777
    }
}

/// Makes an unfinished file in a folder that is opened for it.
private func withUnfinishedFile<Result>(
    in folder: FilePath, permissions: FilePermissions, isNameless: Bool = true,
    _ body: (AtomicFile) async throws -> Result
) async throws -> Result {
    try await OutputDirectory.with(root: folder) { tree in
        try await tree.inFolder([]) { folder in
            try await AtomicFile.with(in: folder, permissions: permissions, isNameless: isNameless, body)
        }
    }
}

extension AtomicFile {
    /// Writes the first bytes.
    func write(bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0, at: 0) } }
}
