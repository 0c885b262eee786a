import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Concurrent and cancelled downloads", .timeLimit(.minutes(2)))
struct ConcurrentDownloadTests {
    @Test(
        "Fifty downloads of one image create one whole file, and none fails", arguments: [false, true])
    func sameImage(overwrite: Bool) async throws {
        try await withPlatform { platform in
            let bytes = SampleImages.png(bytes: 100_000)
            let key = platform.seed(bytes)
            // As many as the client has connections for are inside at once, past the look whether the file is there.
            let held = 8
            platform.spoil(times: .times(held), .hold)
            let outcomes = try await withThrowingTaskGroup(of: DownloadOutcome.self) { group in
                for _ in 1...50 {
                    group.addTask { try await platform.download(key, overwrite: overwrite) }
                }
                await platform.emulator.waitForHeld(count: held)
                platform.emulator.release()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let made = outcomes.filter { $0.status == .downloaded }
            #expect(outcomes.count == 50)
            #expect(made.count == (overwrite ? 50 : 1))
            #expect(Set(outcomes.map(\.bytes)) == [bytes.count])
            #expect(Set(outcomes.map(\.path)) == [platform.folder.appending("\(key).png").string])
            #expect(Set(made.map(\.sha256)).count == 1)
            #expect(try platform.files() == ["\(key).png"])
            #expect(try platform.folder.read("\(key).png") == bytes)
        }
    }

    @Test("Forty concurrent downloads do not mix")
    func manyImages() async throws {
        try await withPlatform { platform in
            let sizes = (1...40).map { 1000 * $0 }
            let keys = sizes.map { platform.seed(SampleImages.png(bytes: $0)) }
            let outcomes = try await withThrowingTaskGroup(of: DownloadOutcome.self) { group in
                for key in keys { group.addTask { try await platform.download(key) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.allSatisfy { $0.status == .downloaded && $0.attempts == 1 })
            for (key, size) in zip(keys, sizes) {
                #expect(try platform.folder.read("\(key).png") == SampleImages.png(bytes: size))
            }
        }
    }

    /// Where a download is when it is broken off.
    enum Moment: String, Sendable, CaseIterable {
        case beforeAnswer
        case midBody
        case waitingForTheNextTry
    }

    @Test("A cancelled download throws and leaves nothing", arguments: Moment.allCases)
    func cancelled(_ moment: Moment) async throws {
        try await withPlatform { platform in
            let key = platform.seed(SampleImages.png(bytes: 100_000))
            let path = try platform.folder.write([1, 2, 3], to: "\(key).png")
            var status: Int?
            switch moment {
            case .beforeAnswer: platform.spoil(.stall(afterBytes: nil))
            case .midBody:
                platform.spoil(.stall(afterBytes: 70_000))
                status = 200
            case .waitingForTheNextTry:
                platform.spoil(.limit(status: 429, reset: "60", limit: nil))
                status = 429
            }
            let clock = TestClocks(isDeadline: { $0 >= .seconds(60) })
            let downloader = ImageDownloader(
                client: platform.client, host: platform.host, tenant: platform.tokens.tenant,
                tokens: platform.tokens, clocks: clock.timing)
            let task = Task {
                try await downloader.download(
                    ImageReference(key), to: .directory(platform.folder.path.string), overwrite: true)
            }
            // The status is written down just before the head is sent.
            try await eventually { platform.requests == 1 && platform.emulator.journal.last?.status == status }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(platform.requests == 1)
            #expect(try platform.files() == ["\(key).png"])
            #expect(try platform.folder.read(path.lastComponent?.string ?? "") == [1, 2, 3])
        }
    }
}
