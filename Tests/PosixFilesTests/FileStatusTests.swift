import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import PosixFiles

@Suite("The status of a file, and locks")
struct FileStatusTests {
    @Test("A link is examined itself, or followed on request; nothing and what cannot be reached have no status")
    func links() async throws {
        try await withTemporaryFolder { folder in
            try folder.write([1, 2, 3], to: "file")
            #expect(symlink("file", folder.appending("link").string) == 0)
            #expect(symlink("nowhere", folder.appending("dangling").string) == 0)
            #expect(FileStatus.of(folder.appending("link"))?.kind == .link)
            #expect(FileStatus.of(folder.appending("link"), followsLinks: true)?.size == 3)
            #expect(FileStatus.of(folder.appending("dangling"))?.kind == .link)
            #expect(FileStatus.of(folder.appending("dangling"), followsLinks: true) == nil)
            #expect(FileStatus.of(folder.appending("file/below")) == nil)
            #expect(FileStatus.of(folder.path)?.kind == .directory)
            let directory = try FileDescriptor.openDirectory(folder.path)
            defer { try? directory.close() }
            #expect(try FileStatus.of("file", in: directory)?.kind == .regular)
            #expect(try FileStatus.of("none", in: directory) == nil)
            #expect(throws: Errno.notDirectory) { try FileStatus.of("file/below", in: directory) }
        }
    }

    @Test("A lock that is held is not free, and is again when its file is closed")
    func lock() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("x.lock")
            let holder = try FileLock(path)
            let other = try FileLock(path)
            defer { other.close() }
            #expect(holder.tryExclusive())
            #expect(!other.isFree())
            #expect(!other.tryExclusive())
            holder.close()
            #expect(other.isFree())
            #expect(other.tryExclusive())
            #expect(try folder.names() == ["x.lock"])
        }
    }
}
