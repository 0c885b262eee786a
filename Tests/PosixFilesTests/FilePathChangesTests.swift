import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import PosixFiles

@Suite("Changes to names of files")
struct FilePathChangesTests {
    @Test("A file is renamed over another; a missing one is an error")
    func rename() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: Errno.noSuchFileOrDirectory) {
                try folder.appending("none").rename(to: folder.appending("x"))
            }
            try folder.write([1], to: "new")
            try folder.write([2, 2], to: "x")
            try folder.appending("new").rename(to: folder.appending("x"))
            #expect(try folder.names() == ["x"])
            #expect(try folder.read("x") == [1])
        }
    }

    @Test("A link is removed and not its target; a missing name is none, and a directory an error")
    func remove() async throws {
        try await withTemporaryFolder { folder in
            try folder.write([1], to: "x")
            #expect(symlink("x", folder.appending("link").string) == 0)
            #expect(try folder.appending("link").removeFile())
            #expect(try !folder.appending("link").removeFile())
            #expect(throws: Errno.isDirectory) { try folder.path.removeFile() }
            #expect(throws: Errno.notDirectory) { try folder.appending("x/below").removeFile() }
            #expect(try folder.names() == ["x"])
        }
    }

    @Test("Permissions are set whatever the umask, and the process's own group can be set")
    func permissions() async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.write([1], to: "x")
            let all = FilePermissions(rawValue: 0o666)
            try path.setPermissions(all)
            #expect(FileStatus.of(path)?.permissions == all)
            try path.setGroup(getegid())
            let missing = folder.appending("none")
            #expect(throws: Errno.noSuchFileOrDirectory) { try missing.setPermissions(all) }
            #expect(throws: Errno.noSuchFileOrDirectory) { try missing.setGroup(getegid()) }
        }
    }

    @Test("A directory is created once; a file of its name counts as taken")
    func create() async throws {
        try await withTemporaryFolder { folder in
            let file = try folder.write([1], to: "x")
            let path = folder.appending("sub")
            #expect(try path.createDirectory(permissions: .ownerReadWriteExecute))
            #expect(try !path.createDirectory(permissions: .ownerReadWriteExecute))
            #expect(FileStatus.of(path)?.kind == .directory)
            #expect(try !file.createDirectory(permissions: .ownerReadWriteExecute))
            #expect(throws: Errno.noSuchFileOrDirectory) {
                try folder.appending("none/sub").createDirectory(permissions: .ownerReadWriteExecute)
            }
        }
    }

    @Test("A path is resolved through links, and one that leads nowhere is an error")
    func resolve() async throws {
        try await withTemporaryFolder { folder in
            try folder.write([1], to: "x")
            #expect(symlink(".", folder.appending("here").string) == 0)
            #expect(symlink("none", folder.appending("dangling").string) == 0)
            let resolved = try folder.path.resolved()
            #expect(try folder.appending("here/here/x").resolved() == resolved.appending("x"))
            #expect(throws: Errno.noSuchFileOrDirectory) { try folder.appending("dangling").resolved() }
        }
    }
}
