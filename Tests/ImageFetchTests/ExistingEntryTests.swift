import FoundationEssentials
import Glibc
import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Files that exist already", .timeLimit(.minutes(2)))
struct ExistingEntryTests {
    /// What stands where the image should go.
    enum Obstacle: String, Sendable, CaseIterable {
        case symlinkToFile
        case symlinkToFolder
        case danglingSymlink
        case symlinkToItself
        case fifo
        case symlinkToFIFO
        case socket
        case device
        case folder

        var isLink: Bool { rawValue.lowercased().contains("symlink") }
    }

    private func put(_ obstacle: Obstacle, at name: String, in folder: TemporaryFolder) throws {
        let path = folder.appending(name).string
        let victim = try folder.write(Array("victim".utf8), to: "victim").string
        let result: Int32 =
            switch obstacle {
            case .symlinkToFile: symlink(victim, path)
            case .symlinkToFolder: symlink("/tmp", path)
            case .danglingSymlink: symlink(folder.appending("made").string, path)
            case .symlinkToItself: symlink(path, path)
            case .fifo: mkfifo(path, 0o600)
            case .symlinkToFIFO: mkfifo(folder.appending("pipe").string, 0o600) + symlink("pipe", path)
            case .socket: mknod(path, S_IFSOCK | 0o600, 0)
            case .device: symlink("/dev/full", path)
            case .folder: mkdir(path, 0o700)
            }
        try #require(result == 0, "errno \(errno)")
    }

    @Test("Without overwrite, what is not a file is an error, and nothing is requested", arguments: Obstacle.allCases)
    func inTheWay(_ obstacle: Obstacle) async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            for (name, destination) in [
                ("\(key).png", nil), ("picture", Destination.file(platform.folder.appending("picture").string)),
            ] {
                try put(obstacle, at: name, in: platform.folder)
                let before = try platform.files()
                let failure = try await platform.failure(key, to: destination)
                #expect((failure.error as? ImageFetchError)?.kind == .cannotCreate, "\(failure.error)")
                #expect("\(failure)".contains(name))
                #expect(platform.requests == 0)
                #expect(try platform.files() == before)
                #expect(try platform.folder.read("victim") == Array("victim".utf8))
                try FileManager.default.removeItem(atPath: platform.folder.appending(name).string)
                // A pipe of the second round must be free to be made.
                unlink(platform.folder.appending("pipe").string)
            }
        }
    }

    @Test("With overwrite, a link is replaced, not its target; everything else stays", arguments: Obstacle.allCases)
    func overwritten(_ obstacle: Obstacle) async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            let name = "\(key).png"
            try put(obstacle, at: name, in: platform.folder)
            if obstacle.isLink || obstacle == .device {
                #expect(try await platform.download(key, overwrite: true).status == .downloaded)
                var status = stat()
                #expect(lstat(platform.folder.appending(name).string, &status) == 0)
                #expect(status.st_mode & S_IFMT == S_IFREG)
                #expect(try platform.folder.read(name) == SampleImages.png)
                #expect(try !platform.files().contains("made"))
            } else {
                let before = try platform.files()
                let failure = try await platform.failure(key, overwrite: true)
                #expect((failure.error as? ImageFetchError)?.kind == .cannotCreate, "\(failure.error)")
                #expect(try platform.files() == before)
            }
            #expect(try platform.folder.read("victim") == Array("victim".utf8))
        }
    }

    @Test("An existing file counts as done, with any image extension, and nothing is requested")
    func exists() async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            for format in ImageFormat.allCases {
                let name = "\(key).\(format.fileExtension)"
                let path = try platform.folder.write(Array("kept".utf8), to: name)
                let outcome = try await platform.download(key)
                #expect(outcome.status == .exists)
                #expect(outcome.path == path.string)
                #expect(outcome.bytes == 4)
                #expect(outcome.attempts == 0)
                #expect(outcome.sha256 == nil && outcome.contentType == nil)
                #expect(try platform.folder.read(name) == Array("kept".utf8))
                unlink(path.string)
            }
            #expect(platform.emulator.journal.isEmpty)
        }
    }

    @Test("A text file or a report with the image's key does not count")
    func notes() async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            let sent = platform.seedResource("img_sent")
            for name in ["\(key).json", "\(key).txt", "\(key).bin", "\(key)", "img_sent.json", "\(key).png.txt"] {
                try platform.folder.write([], to: name)
            }
            #expect(try await platform.download(key).status == .downloaded)
            #expect(try await platform.download(sent).status == .downloaded)
        }
    }

    @Test("A file from a message counts as done with the extension of its content type")
    func existingFile() async throws {
        try await withPlatform { platform in
            let key = platform.seedResource(
                "file_sent", type: .file, bytes: Array("%PDF".utf8), contentType: "application/pdf")
            let first = try await platform.download(key)
            let second = try await platform.download(key)
            #expect(first.status == .downloaded)
            #expect(second.status == .exists)
            #expect(platform.requests == 1)
        }
    }

    @Test("A failed download leaves the existing file as it was, a successful one replaces it")
    func overwrite() async throws {
        try await withPlatform { platform in
            let key = platform.seed(SampleImages.png(bytes: 100_000))
            let name = "\(key).png"
            let path = try platform.folder.write(Array("old".utf8), to: name)
            let reader = try FileDescriptor.open(path, .readOnly)
            defer { try? reader.close() }
            for actions in [
                [Fault.Action.cut(afterBytes: 50_000)], [.code(234005)], [.body("<html>")], [.body("")],
            ] {
                platform.emulator.clearFaults()
                platform.spoil(actions)
                _ = try await platform.failure(key, overwrite: true)
                #expect(try platform.folder.read(name) == Array("old".utf8))
                #expect(try platform.files() == [name])
            }
            platform.emulator.clearFaults()
            #expect(try await platform.download(key, overwrite: true).status == .downloaded)
            #expect(try platform.folder.read(name) == SampleImages.png(bytes: 100_000))
            #expect(try platform.files() == [name])
            // Who had it open still reads the old one: it was replaced, not written over.
            var bytes = [UInt8](repeating: 0, count: 9)
            let count = try bytes.withUnsafeMutableBytes { try reader.read(into: $0) }
            #expect(count == 3)
        }
    }
}
