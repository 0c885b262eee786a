import ImageFetch
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("Limits of a download", .timeLimit(.minutes(2)))
struct DownloadLimitsTests {
    private static var limits: DownloadLimits {
        var limits = DownloadLimits()
        limits.maximumBytes = 100_000
        return limits
    }

    @Test("A Content-Length above the limit is refused before the body is read")
    func tooLargeByLength() async throws {
        try await withPlatform(limits: Self.limits) { platform in
            let key = platform.seed(SampleImages.png(bytes: 100_001))
            // A body that never comes would make this hang, were it waited for.
            platform.spoil(.stall(afterBytes: 0))
            let failure = try await platform.failure(key)
            let error = try #require(failure.error as? ImageFetchError, "\(failure.error)")
            #expect(error.kind == .tooLarge)
            #expect(error.description.contains("100000"))
            #expect(platform.requests == 1)
            #expect(try platform.files() == [])
        }
    }

    @Test("A body without a length ends the download when it becomes too large")
    func tooLargeByBody() async throws {
        try await withPlatform(limits: Self.limits) { platform in
            platform.emulator.setBehaviour { $0.chunksImages = true }
            let image = try await platform.failure(platform.seed(SampleImages.png(bytes: 100_001)))
            #expect((image.error as? ImageFetchError)?.kind == .tooLarge, "\(image.error)")
            // Half a gigabyte, of which no more than the limit is read.
            platform.spoil(.generatedBody(bytes: 500_000_000), .chunked)
            let file = try await platform.failure(platform.seedResource("file_sent", type: .file))
            #expect((file.error as? ImageFetchError)?.kind == .tooLarge, "\(file.error)")
            #expect(file.attempts == 1)
            #expect(try platform.files() == [])
        }
    }

    @Test("A file of exactly the limit is accepted, in either framing")
    func exactly() async throws {
        try await withPlatform(limits: Self.limits) { platform in
            let bytes = SampleImages.png(bytes: 100_000)
            let key = platform.seed(bytes)
            for isChunked in [false, true] {
                platform.emulator.setBehaviour { $0.chunksImages = isChunked }
                let outcome = try await platform.download(key, overwrite: true)
                #expect(outcome.bytes == 100_000)
                #expect(try platform.folder.read("\(key).png") == bytes)
            }
        }
    }

    @Test("When the total time is over, the download fails with a transient error and leaves nothing")
    func totalTime() async throws {
        try await withPlatform(timeIsUp: true) { platform in
            platform.spoil(.stall(afterBytes: 10))
            let failure = try await platform.failure(platform.seed())
            let error = try #require(failure.error as? LarkError, "\(failure.error)")
            #expect(error.kind == .unreachable)
            #expect(error.isRetryable)
            #expect(error.description.contains("300 s"))
            #expect(platform.clock.waits.first == .seconds(300))
            #expect(try platform.files() == [])
        }
    }

    @Test("A server that is slow but never silent is waited for")
    func slow() async throws {
        try await withPlatform(idle: .seconds(5)) { platform in
            let bytes = SampleImages.png
            let key = platform.seed(bytes)
            // Longer in all than a silence may be, ten times shorter from one drop to the next.
            platform.spoil(.drip(bytes: bytes.count / 12 + 1, everySeconds: 0.5))
            let outcome = try await platform.download(key)
            #expect(outcome.bytes == bytes.count)
        }
    }
}
