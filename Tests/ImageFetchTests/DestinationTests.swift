import Glibc
import ImageFetch
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@Suite("Destinations of a download", .timeLimit(.minutes(2)))
struct DestinationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let destination: @Sendable (TemporaryFolder) -> Destination
        var testDescription: String { name }
    }

    @Test(
        "A directory or file name that cannot be used is refused before any request",
        arguments: [
            Case(name: "a folder that is a file") { .directory($0.appending("file").string) },
            Case(name: "a folder below a file") { .directory($0.appending("file/below").string) },
            Case(name: "a folder that is a dangling link") { .directory($0.appending("dangling").string) },
            Case(name: "a folder that links to itself") { .directory($0.appending("loop").string) },
            Case(name: "a path that is too long") {
                .directory($0.appending(String(repeating: "d/", count: 3000)).string)
            },
            Case(name: "a file below a file") { .file($0.appending("file/x.png").string) },
            Case(name: "an empty name for a file") { _ in .file("") },
            Case(name: "a folder for a file") { .file($0.path.string) },
            Case(name: "a name of 300 bytes") { .file($0.appending(String(repeating: "n", count: 300)).string) },
            Case(name: "a folder in /proc") { _ in .directory("/proc/self") },
        ])
    func noPlace(_ example: Case) async throws {
        try await withPlatform { platform in
            try platform.folder.write([1], to: "file")
            #expect(symlink("nowhere", platform.folder.appending("dangling").string) == 0)
            #expect(symlink("loop", platform.folder.appending("loop").string) == 0)
            let failure = try await platform.failure(platform.seed(), to: example.destination(platform.folder))
            let error = try #require(failure.error as? ImageFetchError, "\(failure.error)")
            #expect(error.kind == .cannotCreate, "\(error)")
            #expect(platform.requests == 0)
            #expect(try platform.files() == ["dangling", "file", "loop"])
        }
    }

    @Test("A missing directory is created, with those above it")
    func missing() async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            let named = try await platform.download(key, to: .file(platform.folder.appending("a/b/x.png").string))
            #expect(named.path == platform.folder.appending("a/b/x.png").string)
            let keyed = try await platform.download(key, to: .directory(platform.folder.appending("a/c").string))
            #expect(keyed.path == platform.folder.appending("a/c/\(key).png").string)
            #expect(try platform.folder.names(in: "a") == ["b", "c"])
            let refused = try await platform.failure(
                "img_unknown", to: .descriptor(1, spoolDirectory: platform.folder.appending("no").string))
            #expect((refused.error as? ImageFetchError)?.kind == .cannotCreate, "\(refused.error)")
            #expect(try platform.files() == ["a"])
        }
    }

    @Test("A directory may be a link, or have a slash at its end")
    func folders() async throws {
        try await withPlatform { platform in
            #expect(mkdir(platform.folder.appending("real").string, 0o700) == 0)
            #expect(symlink("real", platform.folder.appending("link").string) == 0)
            let key = platform.seed()
            let outcome = try await platform.download(
                key, to: .directory(platform.folder.appending("link").string + "/"))
            #expect(outcome.path == platform.folder.appending("link/\(key).png").string)
            #expect(try platform.folder.names(in: "real") == ["\(key).png"])
        }
    }

    @Test(
        "A disk that becomes full leaves nothing of the download, keeps the existing file, and takes a smaller one",
        .enabled(if: TinyDisk.canMount, "mounting takes root"))
    func fullDisk() async throws {
        try await withTemporaryFolder { disk in
            try await TinyDisk.with(at: disk.path, options: "size=64k") {
                try await withPlatform(folder: disk) { platform in
                    let large = platform.seed(SampleImages.png(bytes: 150_000))
                    try disk.write([1, 2, 3], to: "\(large).png")
                    let small = platform.seed()
                    let failure = try await platform.failure(large, overwrite: true)
                    let error = try #require(failure.error as? ImageFetchError, "\(failure.error)")
                    #expect(error.kind == .writeFailed)
                    #expect(error.underlying as? Errno == .noSpace)
                    #expect(error.description.contains(disk.path.string))
                    // A full disk does not empty itself within seconds.
                    #expect(failure.attempts == 1)
                    #expect(try disk.read("\(large).png") == [1, 2, 3])
                    #expect(try await platform.download(small).status == .downloaded)
                    #expect(try disk.names() == ["\(large).png", "\(small).png"].sorted())
                }
            }
        }
    }

    @Test(
        "A read-only disk is refused before any request",
        .enabled(if: TinyDisk.canMount, "mounting takes root"))
    func readOnly() async throws {
        try await withTemporaryFolder { disk in
            try await TinyDisk.with(at: disk.path, options: "size=64k,ro") {
                try await withPlatform(folder: disk) { platform in
                    let failure = try await platform.failure(platform.seed())
                    let error = try #require(failure.error as? ImageFetchError, "\(failure.error)")
                    #expect(error.kind == .cannotCreate)
                    #expect(error.underlying as? Errno == .readOnlyFileSystem)
                    #expect(platform.requests == 0)
                }
            }
        }
    }
}
