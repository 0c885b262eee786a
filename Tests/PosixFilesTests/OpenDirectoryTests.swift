import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import PosixFiles

@Suite("The names in an open directory, and files without a name")
struct OpenDirectoryTests {
    /// Runs a body with a directory and its descriptor.
    private func withDirectory(_ body: (TemporaryFolder, FileDescriptor) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let directory = try FileDescriptor.openDirectory(folder.path)
            try directory.closeAfter { try body(folder, directory) }
        }
    }

    private func names(in directory: FileDescriptor) throws -> [String] {
        var names: [String] = []
        try directory.forEachName { names.append(String(decoding: $0, as: UTF8.self)) }
        return names.sorted()
    }

    @Test("Every name is listed but the directory itself and the one above, as often as it is asked for")
    func list() async throws {
        try await withDirectory { folder, directory in
            #expect(try names(in: directory) == [])
            let expected = ["...", ".hidden", "a", "ä"]
            for name in expected { try folder.write([], to: name) }
            for _ in 1...2 { #expect(try names(in: directory) == expected.sorted()) }
            let file = try directory.openFile("a")
            defer { try? file.close() }
            #expect(throws: Errno.notDirectory) { try names(in: file) }
        }
    }

    @Test("Files and directories are opened below the directory, and links are not followed")
    func open() async throws {
        try await withDirectory { folder, directory in
            try folder.write([7], to: "x")
            #expect(try directory.createSubdirectory("sub", permissions: .ownerReadWriteExecute))
            #expect(try !directory.createSubdirectory("sub", permissions: .ownerReadWriteExecute))
            #expect(try !directory.createSubdirectory("x", permissions: .ownerReadWriteExecute))
            #expect(symlink("x", folder.appending("link").string) == 0)
            #expect(symlink("sub", folder.appending("linked").string) == 0)

            let file = try directory.openFile("x")
            let bytes = try file.closeAfter { try file.readAll(upTo: 10) }
            #expect(bytes == [7])
            let subdirectory = try directory.openSubdirectory("sub")
            let status = try subdirectory.closeAfter { try FileStatus.of(subdirectory) }
            #expect(status.kind == .directory)
            #expect(throws: Errno.tooManySymbolicLinkLevels) { try directory.openFile("link") }
            #expect(throws: Errno.notDirectory) { try directory.openSubdirectory("linked") }
            #expect(throws: Errno.notDirectory) { try directory.openSubdirectory("x") }
            #expect(throws: Errno.noSuchFileOrDirectory) { try directory.openFile("none") }
        }
    }

    @Test("A nameless file leaves no name in the directory, and only its user can read it", arguments: [true, false])
    func nameless(hasSupport: Bool) async throws {
        try await withDirectory { folder, directory in
            let open = hasSupport ? FileDescriptor.openNameless : FileDescriptor.openUnlinked
            let file = try open(folder.path)
            try file.closeAfter {
                try file.writeAll([1, 2])
                #expect(try names(in: directory) == [])
                let status = try FileStatus.of(file)
                #expect(status.size == 2 && status.links == 0)
                #expect(status.permissions == .ownerReadWrite)
                #expect(fcntl(file.rawValue, F_GETFD) & FD_CLOEXEC != 0)
            }
            #expect(throws: Errno.self) { try open(folder.appending("none")) }
        }
    }

    @Test("A descriptor that was opened not to wait can wait, and one that was inherited can be kept to the process")
    func flags() async throws {
        try await withDirectory { folder, _ in
            let path = try folder.write([1], to: "x")
            let file = try FileDescriptor.open(path, .readOnly, options: .nonBlocking)
            try file.closeAfter {
                #expect(fcntl(file.rawValue, F_GETFL) & O_NONBLOCK != 0)
                file.setBlocking()
                #expect(fcntl(file.rawValue, F_GETFL) & O_NONBLOCK == 0)
                #expect(fcntl(file.rawValue, F_GETFD) & FD_CLOEXEC == 0)
                file.setClosedOnExec()
                #expect(fcntl(file.rawValue, F_GETFD) & FD_CLOEXEC != 0)
            }
        }
    }
}
