import FoundationEssentials
import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Hostile text from a server", .timeLimit(.minutes(3)))
struct DownloadFailureTests {
    private static let token = "t-canary.token"

    /// Downloads with a token that must not show, and checks everything that a failure says.
    private func check(
        _ platform: EmulatorFixture, _ actions: [Fault.Action], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> DownloadFailure {
        platform.emulator.clearFaults()
        platform.spoil(actions)
        let token = try #require(
            TenantAccessToken(Self.token, expiresAt: platform.clock.now.addingTimeInterval(7200)))
        let downloader = ImageDownloader(
            client: platform.client, host: platform.host, tenant: platform.tokens.tenant,
            tokens: StaticTokenProvider(token), clocks: platform.clock.timing)
        let thrown = await #expect(throws: DownloadFailure.self, sourceLocation: sourceLocation) {
            try await downloader.download(ImageReference("img_x"), to: .directory(platform.folder.path.string))
        }
        let failure = try #require(thrown, sourceLocation: sourceLocation)
        var dumped = ""
        dump(failure, to: &dumped)
        let error = failure.error as? LarkError
        for text in ["\(failure)", dumped, error?.platformMessage ?? "", error?.logID ?? "", error?.summary ?? ""] {
            #expect(!text.contains("canary"), "\(text)", sourceLocation: sourceLocation)
        }
        #expect(
            "\(failure)".unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
            sourceLocation: sourceLocation)
        #expect(try platform.files() == [], sourceLocation: sourceLocation)
        return failure
    }

    @Test(
        "A message that repeats the token or controls a terminal is shown without either",
        arguments: [
            "no: \(token)", "no: \(token)\u{301}", "\u{1B}]0;\(token)\u{7}", "\u{1B}[2J\u{9B}31m", "a\rb\nc",
            "\u{1B}]52;c;ZXZpbA==\u{7}", "\u{202E}gnp.exe", String(repeating: "\u{1B}[2J", count: 2000),
        ])
    func messages(_ message: String) async throws {
        try await withPlatform { platform in
            for status in [200, 400, 500] {
                let failure = try await check(
                    platform, [.error(status: status, code: 424_242, msg: message, headers: nil)])
                let error = try #require(failure.error as? LarkError, "\(failure.error)")
                #expect(error.platformCode == 424_242)
                #expect(error.description.count < 4000)
            }
        }
    }

    @Test("A header that repeats the token is not shown either", arguments: ["X-Tt-Logid", "Content-Type"])
    func headers(_ name: String) async throws {
        try await withPlatform { platform in
            for actions in [
                [Fault.Action.body("<html>")], [.status(206)], [.cut(afterBytes: 0)], [.contentLength(nil)],
            ] {
                _ = try await check(
                    platform,
                    [.answer(status: 200, contentType: nil, body: "x", headers: nil)] + actions + [
                        .header(name: name, value: Self.token)
                    ])
            }
        }
    }

    @Test("A log id in the body that repeats the token is dropped")
    func logID() async throws {
        try await withPlatform { platform in
            let body = #"{"code":234008,"msg":"m","error":{"log_id":"\#(Self.token)"}}"#
            let failure = try await check(
                platform, [.answer(status: 400, contentType: "application/json", body: body, headers: nil)])
            #expect((failure.error as? LarkError)?.platformCode == 234008, "\(failure.error)")
        }
    }

    @Test("A rejected static token is the platform's refusal, after exactly one request", arguments: [200, 400])
    func fixedToken(_ status: Int) async throws {
        try await withPlatform { platform in
            let failure = try await check(platform, [.rejectToken(status: status)])
            #expect((failure.error as? LarkError)?.kind == .tokenRejected, "\(failure.error)")
            #expect(failure.attempts == 1)
            #expect(platform.requests == 1)
            #expect(platform.emulator.count(of: .tenantAccessTokenInternal) == 0)
        }
    }
}
