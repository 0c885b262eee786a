import ImageFetch
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("Rejected tokens", .timeLimit(.minutes(2)))
struct DownloadAttemptTests {
    @Test(
        "A token that stays rejected is an error after exactly two requests",
        arguments: [
            (99_991_663, 400), (99_991_663, 200), (99_991_663, 401), (99_991_664, 400), (99_991_665, 400),
            (99_991_668, 400), (99_991_671, 400),
        ])
    func refusedForGood(_ code: Int, _ status: Int) async throws {
        try await withPlatform { platform in
            // Each token is really gone, so that the platform hands out another.
            platform.spoil(.error(status: status, code: code, msg: "no", headers: nil))
            let key = platform.seed()
            let first = try await platform.tokens.token(for: platform.tokens.tenant, goodFor: .zero)
            platform.emulator.revokeTokens(appID: EmulatorFixture.appID)
            let failure = try await platform.failure(key)
            let error = try #require(failure.error as? LarkError, "\(failure.error)")
            #expect(error.kind == .tokenRejected)
            #expect(error.platformCode == code)
            #expect(error.platformMessage == "no")
            #expect(error.logID == platform.emulator.journal.last?.logID)
            #expect(platform.requests == 2)
            #expect(failure.attempts == 2)
            #expect(platform.tokens.rejected.first == first)
            #expect(platform.tokens.issued == 2)
            #expect(platform.clock.waits.isEmpty)
            #expect(try platform.files() == [])
        }
    }

    @Test("The same token issued again is the platform's refusal, not a loop")
    func sameTokenAgain() async throws {
        try await withPlatform { platform in
            // Not revoked: the emulator hands it out again, as the platform does while half an hour of it remains.
            platform.spoil(.rejectToken(status: 400))
            let failure = try await platform.failure(platform.seed())
            let error = try #require(failure.error as? LarkError, "\(failure.error)")
            #expect(error.kind == .tokenRejected)
            #expect(error.platformCode == 99_991_663)
            #expect(platform.requests == 1)
            #expect(platform.tokens.rejected.count == 1)
            #expect(platform.tokens.issued == 2)
        }
    }

    @Test("A token rejected once is exchanged once, and the image is downloaded", arguments: [400, 401, 200])
    func refusedOnce(_ status: Int) async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            let first = try await platform.tokens.token(for: platform.tokens.tenant, goodFor: .zero)
            platform.emulator.revokeTokens(appID: EmulatorFixture.appID)
            if status != 400 { platform.spoil(times: 1, .rejectToken(status: status)) }
            let outcome = try await platform.download(key)
            #expect(outcome.status == .downloaded)
            #expect(outcome.attempts == 2)
            #expect(platform.requests == 2)
            #expect(platform.tokens.rejected == [first])
            #expect(platform.tokens.issued == 2)
            #expect(platform.clock.waits.isEmpty)
            #expect(try platform.files() == ["\(key).png"])
        }
    }

    @Test("An exchange uses up no attempt: five are left for other errors")
    func exchangeIsNoTry() async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            _ = try await platform.tokens.token(for: platform.tokens.tenant, goodFor: .zero)
            platform.emulator.revokeTokens(appID: EmulatorFixture.appID)
            platform.spoil(times: 4, skip: 1, .answer(status: 502, contentType: nil, body: "", headers: nil))
            let outcome = try await platform.download(key)
            #expect(outcome.attempts == 6)
            #expect(platform.clock.waits.count == 4)
        }
    }

    @Test("A provider's own error is passed on as it is, without a request or a retry")
    func providerFails() async throws {
        try await withPlatform { platform in
            platform.emulator.addFault(
                Fault(
                    .tenantAccessTokenInternal, times: .always,
                    .answer(status: 503, contentType: nil, body: "", headers: nil)))
            let failure = try await platform.failure(platform.seed())
            #expect((failure.error as? LarkError)?.kind == .unavailable)
            #expect(failure.attempts == 0)
            #expect(platform.requests == 0)
            #expect(platform.emulator.count(of: .tenantAccessTokenInternal) == 1)
        }
    }

    @Test("If there is no other token, the error is the provider's, after one request")
    func exchangeFails() async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            _ = try await platform.tokens.token(for: platform.tokens.tenant, goodFor: .zero)
            platform.emulator.setSecret("another", appID: EmulatorFixture.appID)
            platform.emulator.revokeTokens(appID: EmulatorFixture.appID)
            let failure = try await platform.failure(key)
            #expect((failure.error as? LarkError)?.platformCode == 10014, "\(failure.error)")
            #expect(failure.attempts == 1)
            #expect(platform.requests == 1)
            #expect(platform.tokens.rejected.count == 1)
            #expect(try platform.files() == [])
        }
    }

    @Test("A token must be valid for another minute")
    func tokenLife() async throws {
        try await withPlatform { platform in
            _ = try await platform.download(platform.seed())
            #expect(platform.tokens.minima == [.seconds(60)])
        }
    }
}
