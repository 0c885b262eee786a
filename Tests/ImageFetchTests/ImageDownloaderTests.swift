import FoundationEssentials
import Glibc
import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Downloads that succeed", .timeLimit(.minutes(2)))
struct ImageDownloaderTests {
    /// The first bytes of a file of each format, as encoders write them.
    struct Beginning: Sendable, CustomTestStringConvertible {
        let fileExtension: String
        let bytes: [UInt8]
        var testDescription: String { fileExtension }
    }

    @Test(
        "An image is named by its bytes, whatever its Content-Type",
        arguments: [
            Beginning(fileExtension: "jpg", bytes: [0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10] + Array("JFIF".utf8)),
            Beginning(fileExtension: "png", bytes: SampleImages.png),
            Beginning(fileExtension: "webp", bytes: Array("RIFF\u{24}\0\0\0WEBPVP8 ".utf8)),
            Beginning(fileExtension: "gif", bytes: Array("GIF89a\u{1}\0\u{1}\0".utf8)),
            Beginning(fileExtension: "tiff", bytes: [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0]),
            Beginning(
                fileExtension: "bmp",
                bytes: Array("BM".utf8) + [0x46, 0, 0, 0, 0, 0, 0, 0, 0x36, 0, 0, 0, 40, 0, 0, 0]),
            Beginning(fileExtension: "ico", bytes: [0, 0, 1, 0, 1, 0, 16, 16]),
            Beginning(fileExtension: "heic", bytes: [0, 0, 0, 0x18] + Array("ftypheic".utf8)),
        ])
    func formats(_ beginning: Beginning) async throws {
        try await withPlatform { platform in
            for type in [
                "image/png", "application/octet-stream", "application/json", "text/html", "../../x", "\"", nil,
            ] {
                platform.emulator.clearFaults()
                platform.spoil(.header(name: "Content-Type", value: type))
                for key in [platform.seed(beginning.bytes), platform.seedResource("img_sent", bytes: beginning.bytes)] {
                    let name = "\(try ImageReference(key).key).\(beginning.fileExtension)"
                    let outcome = try await platform.download(key, overwrite: true)
                    #expect(outcome.path == platform.folder.appending(name).string)
                    #expect(try platform.folder.read(name) == beginning.bytes)
                }
            }
        }
    }

    @Test("The outcome has size, type, hash and requests, and the file is readable by others but not writable")
    func outcome() async throws {
        try await withPlatform { platform in
            // SHA-256 of "abc" is the example of FIPS 180-2.
            let key = platform.seedResource(
                "file_abc", type: .file, bytes: Array("abc".utf8), contentType: "text/plain")
            let outcome = try await platform.download(key)
            #expect(outcome.reference == (try ImageReference(key)))
            #expect(outcome.bytes == 3)
            #expect(outcome.contentType == "text/plain")
            #expect(outcome.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            #expect(outcome.attempts == 1)
            #expect(outcome.path == platform.folder.appending("file_abc.txt").string)
            var status = stat()
            #expect(lstat(outcome.path ?? "", &status) == 0)
            #expect(status.st_mode & 0o7133 == 0)
        }
    }

    @Test("The request carries the token, and names the type of a message's resource")
    func request() async throws {
        try await withPlatform { platform in
            let image = platform.seed()
            _ = try await platform.download(image)
            let resource = platform.seedResource("img_sent")
            _ = try await platform.download(resource)
            _ = try await platform.download(
                platform.seedResource("odd_sent", type: .file, bytes: Array("x".utf8)), type: .file)
            let requests = platform.emulator.journal.filter { $0.api != .tenantAccessTokenInternal }
            #expect(requests.map(\.query) == ["", "type=image", "type=file"])
            #expect(requests.first?.path == "/open-apis/im/v1/images/\(image)")
            for request in requests {
                let token = try #require(platform.tokens.current)
                #expect(request.header("Authorization") == "Bearer \(token.secret.revealedText)")
                #expect(request.header("User-Agent")?.hasPrefix("larkimg/") == true)
                #expect(request.header("Accept-Encoding") == nil)
                #expect(request.header("Range") == nil)
            }
        }
    }

    @Test(
        "Files from messages are kept as they are: HTML, text, JSON that is not an error",
        arguments: [
            "<html>a page</html>", "BMW", #"{"code":0,"msg":"ok"}"#, #"{"codes":[1]}"#, "[1]", "{", #"{"code":"x"}"#,
            #"{"code":7}"#, #"{"code":404,"items":[]}"#, #"{"code":7,"msg":7}"#,
            String(repeating: "[", count: 200_000),
        ])
    func files(_ text: String) async throws {
        try await withPlatform { platform in
            let bytes = Array(text.utf8)
            let key = platform.seedResource("file_sent", type: .file, bytes: bytes, contentType: "application/json")
            let outcome = try await platform.download(key)
            #expect(outcome.bytes == bytes.count)
            #expect(try platform.folder.read("file_sent.json") == bytes)
        }
    }

    @Test(
        "A file may have any name in its directory",
        arguments: ["-rf", ".bashrc", "a b", "\u{1F4F7}.png", "\u{202E}gnp", "a\nb", "CON", "%2e%2e", "'\"$x`", "\\"])
    func names(_ name: String) async throws {
        try await withPlatform { platform in
            let destination = Destination.file(platform.folder.appending(name).string)
            let outcome = try await platform.download(platform.seed(), to: destination)
            #expect(outcome.path == platform.folder.appending(name).string)
            #expect(try platform.files() == [name])
            #expect(try await platform.download(platform.seed(), to: destination).status == .exists)
        }
    }

    @Test("Header names in lower case, chunks, and parts of one byte make no difference")
    func deliveries() async throws {
        try await withPlatform { platform in
            for actions in [[Fault.Action.lowerCaseHeaders], [.chunked], [.drip(bytes: 1, everySeconds: 0)]] {
                platform.emulator.clearFaults()
                platform.spoil(actions)
                let key = platform.seed()
                _ = try await platform.download(key)
                #expect(try platform.folder.read("\(key).png") == SampleImages.png)
            }
        }
    }

    @Test("An image can be downloaded into memory; one that is cut, or too large, is an error as elsewhere")
    func memory() async throws {
        var limits = DownloadLimits()
        limits.maximumBytes = 200_000
        try await withPlatform(limits: limits) { platform in
            let bytes = SampleImages.png(bytes: 150_000)
            let reference = try ImageReference(platform.seed(bytes))
            platform.spoil(times: 1, .cut(afterBytes: 100_000))
            let image = try await platform.downloader.bytes(of: reference)
            #expect(image.bytes == bytes)
            #expect(image.outcome.bytes == bytes.count)
            #expect(image.outcome.path == nil)
            #expect(image.outcome.attempts == 2)
            let large = try ImageReference(platform.seed(SampleImages.png(bytes: 200_001)))
            let failure = await #expect(throws: DownloadFailure.self) {
                _ = try await platform.downloader.bytes(of: large)
            }
            #expect((failure?.error as? ImageFetchError)?.kind == .tooLarge)
            #expect(try platform.files() == [])
        }
    }

    @Test("Errors say what failed also as localized errors")
    func localized() async throws {
        try await withPlatform { platform in
            let failure = try await platform.failure("img_unknown")
            let errors: [any Error] = [failure, failure.error]
            for error in errors {
                let localized = try #require(error as? any LocalizedError)
                #expect(localized.errorDescription == "\(failure)")
                #expect(localized.recoverySuggestion?.isEmpty == false)
            }
        }
    }
}
