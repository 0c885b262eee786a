import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import PosixFiles

@Suite("Files that get their name when they are complete")
struct AtomicFileTests {
    @Test("Until it is named, a file has no name, or where that cannot be, a hidden one", arguments: [true, false])
    func hidden(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            try withAtomicFile(in: folder, isNameless: isNameless) { file in
                try file.descriptor.writeAll([1, 2, 3])
                let names = try folder.names()
                #expect(names.count == (isNameless ? 0 : 1))
                #expect(names.allSatisfy { $0.hasPrefix(".larkimg-") && $0.hasSuffix(".part") })
                #expect(try file.link(as: "done"))
            }
            #expect(try folder.names() == ["done"])
            #expect(try folder.read("done") == [1, 2, 3])
        }
    }

    @Test("A file that was not named is gone", arguments: [true, false])
    func dropped(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            try withAtomicFile(in: folder, isNameless: isNameless) { _ = try $0.descriptor.writeAll([1]) }
            #expect(try folder.names() == [])
        }
    }

    @Test("A name that is taken stays with its file, until it is replaced", arguments: [true, false])
    func taken(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            try folder.write([9, 9], to: "x")
            try withAtomicFile(in: folder, isNameless: isNameless) { file in
                try file.descriptor.writeAll([1])
                #expect(try !file.link(as: "x"))
                #expect(try folder.read("x") == [9, 9])
                try file.replace("x")
            }
            #expect(try folder.read("x") == [1])
            #expect(try folder.names() == ["x"])
        }
    }

    @Test("A directory is never replaced, and no draft is left beside it", arguments: [true, false])
    func directory(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            #expect(mkdir(folder.appending("x").string, 0o700) == 0)
            try withAtomicFile(in: folder, isNameless: isNameless) { file in
                #expect(throws: Errno.isDirectory) { try file.replace("x") }
            }
            #expect(try folder.names() == ["x"])
        }
    }

    @Test("A small file is written as a whole; what has its name is kept, or replaced", arguments: [true, false])
    func write(replaces: Bool) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("port")
            for byte: UInt8 in [1, 2] {
                try AtomicFile.write([byte], to: path, permissions: .ownerReadWrite, replaces: replaces)
            }
            #expect(try folder.read("port") == [replaces ? 2 : 1])
            #expect(try folder.names() == ["port"])
            #expect(throws: Errno.noSuchFileOrDirectory) {
                try AtomicFile.write(
                    [1], to: folder.appending("none/x"), permissions: .ownerReadWrite, replaces: replaces)
            }
        }
    }

    @Test(
        "What a process that died a day ago left is removed; what may still be written is not",
        arguments: [true, false])
    func sweep(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            let old = PartFileCleanup.newName()
            let young = PartFileCleanup.newName()
            for name in [old, young, ".larkimg-notes", "picture.part"] { try folder.write([1], to: name) }
            for name in [old, "picture.part"] {
                let yesterday = timespec(tv_sec: time(nil) - 90_000, tv_nsec: 0)
                #expect(utimensat(AT_FDCWD, folder.appending(name).string, [yesterday, yesterday], 0) == 0)
            }
            try folder.write([1], to: "x")
            try withAtomicFile(in: folder, isNameless: isNameless) { try $0.replace("x") }
            #expect(try folder.names() == [".larkimg-notes", "picture.part", "x", young].sorted())
        }
    }

    @Test("Its permissions are those asked for from the first byte, less the umask", arguments: [true, false])
    func permissions(isNameless: Bool) async throws {
        try await withTemporaryFolder { folder in
            let asked = FilePermissions(rawValue: 0o644)
            let expected = FilePermissions(rawValue: asked.rawValue & ~(try umaskOfThisProcess()))
            try withAtomicFile(in: folder, permissions: asked, isNameless: isNameless) { (file: AtomicFile) throws in
                #expect(try FileStatus.of(file.descriptor).permissions == expected)
                #expect(try file.link(as: "x"))
            }
            #expect(FileStatus.of(folder.appending("x"))?.permissions == expected)
        }
    }

    /// From proc(5): umask(2) can only be read by setting it, which all tests would feel.
    private func umaskOfThisProcess() throws -> mode_t {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Umask:") })
        return try #require(mode_t(line.dropFirst("Umask:".count).filter(\.isNumber), radix: 8))
    }

    private func withAtomicFile(
        in folder: TemporaryFolder, permissions: FilePermissions = .ownerReadWrite, isNameless: Bool,
        _ body: (AtomicFile) throws -> Void
    ) throws {
        let directory = try FileDescriptor.openDirectory(folder.path)
        try directory.closeAfter {
            let file = try AtomicFile(in: directory, permissions: permissions, isNameless: isNameless)
            defer { file.close() }
            try body(file)
        }
    }
}
