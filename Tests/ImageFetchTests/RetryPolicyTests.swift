import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Retries of a download", .timeLimit(.minutes(2)))
struct RetryPolicyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let actions: [Fault.Action]
        /// The waits before the tries that follow; the random show one half.
        let waits: [Duration]
        var testDescription: String { name }

        init(_ name: String, _ actions: [Fault.Action], waits: [Duration] = [.milliseconds(250), .milliseconds(500)]) {
            self.name = name
            self.actions = actions
            self.waits = waits
        }
    }

    private static let passing = [
        Case("500", [.answer(status: 500, contentType: "text/html", body: "<html>", headers: nil)]),
        Case("502, empty", [.answer(status: 502, contentType: nil, body: "", headers: nil)]),
        Case("503 with an unknown code", [.error(status: 503, code: 1, msg: "x", headers: nil)]),
        Case("504", [.status(504)]),
        Case("2200 under 400", [.error(status: 400, code: 2200, msg: "Internal Error", headers: nil)]),
        Case("2200 under 200", [.error(status: 200, code: 2200, msg: "Internal Error", headers: nil)]),
        Case("closed before the head", [.cut(afterBytes: nil)]),
        Case("closed in mid-body", [.cut(afterBytes: 70_000)]),
        Case("reset before the head", [.reset(afterBytes: nil)]),
        Case("reset in mid-body", [.reset(afterBytes: 70_000)]),
        Case("429 with a time", [.limit(status: 429, reset: "7", limit: "100")], waits: [.seconds(7), .seconds(7)]),
        Case("429 with a minute", [.limit(status: 429, reset: "60", limit: nil)], waits: [.seconds(60), .seconds(60)]),
        Case("429 without a time", [.limit(status: 429, reset: nil, limit: nil)], waits: [.seconds(1), .seconds(1)]),
        Case("429 with nonsense", [.limit(status: 429, reset: "soon", limit: "x")], waits: [.seconds(1), .seconds(1)]),
        Case(
            "429 with a time below zero", [.limit(status: 429, reset: "-5", limit: nil)],
            waits: [.seconds(1), .seconds(1)]),
        Case("400 with 99991400", [.limit(status: 400, reset: "3", limit: nil)], waits: [.seconds(3), .seconds(3)]),
        Case(
            "429 of a proxy",
            [.answer(status: 429, contentType: "text/html", body: "slow", headers: ["Retry-After": "4"])],
            waits: [.seconds(4), .seconds(4)]),
        Case(
            "429 with both times",
            [
                .answer(
                    status: 429, contentType: nil, body: "",
                    headers: ["Retry-After": "50", "X-Ogw-Ratelimit-Reset": "2"])
            ], waits: [.seconds(2), .seconds(2)]),
    ]

    @Test(
        "An error that ends after two attempts is followed by a download, after the expected waits", arguments: passing)
    func passes(_ example: Case) async throws {
        try await withPlatform { platform in
            let bytes = SampleImages.png(bytes: 150_000)
            let key = platform.seed(bytes)
            platform.spoil(times: 2, example.actions)
            let outcome = try await platform.download(key)
            #expect(outcome.status == .downloaded)
            #expect(outcome.attempts == 3)
            #expect(platform.requests == 3)
            #expect(platform.clock.waits == example.waits)
            #expect(try platform.folder.read("\(key).png") == bytes)
            #expect(try platform.files() == ["\(key).png"])
        }
    }

    @Test("A server that is silent twice and then responds is waited for", arguments: [nil, 70_000])
    func silence(_ point: Int?) async throws {
        try await withPlatform(idle: .seconds(2)) { platform in
            let key = platform.seed(SampleImages.png(bytes: 150_000))
            platform.spoil(times: 2, .stall(afterBytes: point))
            let outcome = try await platform.download(key)
            #expect(outcome.status == .downloaded)
            // A machine that is busy elsewhere for that long may cost a try more.
            #expect((3...5).contains(outcome.attempts))
            #expect(try platform.folder.read("\(key).png") == SampleImages.png(bytes: 150_000))
        }
    }

    @Test("After five attempts it ends with the last error and the number of attempts")
    func givesUp() async throws {
        try await withPlatform { platform in
            platform.spoil(.answer(status: 503, contentType: nil, body: "", headers: nil))
            let failure = try await platform.failure(platform.seed())
            let error = try #require(failure.error as? LarkError)
            #expect(error.kind == .unavailable)
            #expect(error.httpStatus == 503)
            #expect(failure.attempts == 5)
            #expect(platform.requests == 5)
            #expect(platform.clock.waits == [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2)])
        }
    }

    @Test(
        "A wait that is too long is reported, not waited for",
        arguments: ["61", "3600", "1000000000", "9223372036854775807"])
    func tooLongAWait(_ reset: String) async throws {
        try await withPlatform { platform in
            platform.spoil(.limit(status: 429, reset: reset, limit: nil))
            let failure = try await platform.failure(platform.seed())
            let error = try #require(failure.error as? LarkError)
            #expect(error.kind == .tryLater)
            #expect(error.retryAfter == .seconds(reset == "61" ? 61 : 3600))
            #expect(error.isRetryable)
            #expect(failure.attempts == 1)
            #expect(platform.clock.waits.isEmpty)
        }
    }

    @Test("An unreachable host is tried five times")
    func nobodyThere() async throws {
        try await withPlatform { platform in
            let downloader = ImageDownloader(
                client: platform.client, host: try LarkHost("http://127.0.0.1:1"), tenant: platform.tokens.tenant,
                tokens: platform.tokens, clocks: platform.clock.timing)
            let failure = await #expect(throws: DownloadFailure.self) {
                try await downloader.download(
                    ImageReference("img_x"), to: .directory(platform.folder.path.string))
            }
            #expect((failure?.error as? LarkError)?.kind == .unreachable)
            #expect(failure?.attempts == 5)
            #expect(platform.clock.waits.count == 4)
        }
    }
}
