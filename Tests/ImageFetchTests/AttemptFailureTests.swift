import ImageFetch
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("Requests that the platform refuses", .timeLimit(.minutes(2)))
struct AttemptFailureTests {
    /// How a refusal comes about.
    enum Cause: Sendable {
        case fault
        case usersImage
        case othersImage
        case deleted
        case noBot
        case obstacle(SeededMessage.AccessDenial)
        case wrongKey
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let code: Int
        let kind: LarkError.Kind
        let cause: Cause
        var testDescription: String { "\(code)" }

        init(_ code: Int, _ kind: LarkError.Kind, _ cause: Cause = .fault) {
            self.code = code
            self.kind = kind
            self.cause = cause
        }
    }

    /// The document "Download image", then what the gateway says.
    private static let images = [
        Case(234001, .notFound, .usersImage), Case(234002, .refused), Case(234005, .notFound, .deleted),
        Case(234007, .refused, .noBot), Case(234008, .refused, .othersImage), Case(234041, .refused),
        Case(234042, .tryLater), Case(99_991_661, .refused), Case(99_991_662, .refused), Case(99_991_672, .refused),
        Case(99_991_673, .refused), Case(99_991_401, .refused), Case(99_991_403, .tryLater),
        Case(99_992_402, .refused), Case(14005, .notFound), Case(777_777, .refused),
    ]

    /// The document "Get the resource file of a message".
    private static let resources = [
        Case(230110, .notFound, .obstacle(.deleted)), Case(234001, .notFound), Case(234002, .refused),
        Case(234003, .notFound, .wrongKey), Case(234004, .refused, .obstacle(.appNotInChat)),
        Case(234007, .refused, .noBot), Case(234009, .refused, .obstacle(.externalGroup)),
        Case(234019, .tryLater, .obstacle(.tenantCheckFails)), Case(234037, .tooLarge, .obstacle(.tooLarge)),
        Case(234038, .refused, .obstacle(.restricted)), Case(234040, .refused, .obstacle(.invisible)),
        Case(234041, .refused), Case(234042, .tryLater), Case(234043, .refused, .obstacle(.unsupportedType)),
    ]

    @Test("A refused image is requested once, and leaves nothing", arguments: images)
    func image(_ example: Case) async throws {
        try await withPlatform { platform in
            try await check(example, key: platform.seed(), at: platform)
        }
    }

    @Test("A refused message resource is requested once, and leaves nothing", arguments: resources)
    func messageResource(_ example: Case) async throws {
        try await withPlatform { platform in
            var obstacle: SeededMessage.AccessDenial?
            if case .obstacle(let cause) = example.cause { obstacle = cause }
            let key = platform.seedResource("img_sent", obstacle: obstacle)
            try await check(example, key: key, at: platform)
        }
    }

    @Test("A refusal under HTTP 200 is treated like any other", arguments: images + resources)
    func underSuccess(_ example: Case) async throws {
        try await withPlatform { platform in
            let key = platform.seedResource("file_sent", type: .file, bytes: Array("text".utf8))
            for key in ["img_x", "om_1/img_x", key] {
                platform.emulator.clearFaults()
                platform.emulator.clearJournal()
                platform.spoil(.error(status: 200, code: example.code, msg: "said so", headers: nil))
                let failure = try await platform.failure(key)
                let error = try #require(failure.error as? LarkError, "\(failure.error)")
                #expect(error.platformCode == example.code)
                #expect(error.kind == example.kind)
                #expect(error.platformMessage == "said so")
                #expect(platform.requests == 1)
                #expect(try platform.files() == [])
            }
        }
    }

    @Test("The remedy for a message resource does not suggest message resources")
    func remedies() async throws {
        try await withPlatform { platform in
            for code in [234001, 234008] {
                platform.emulator.clearFaults()
                platform.spoil(.code(code))
                let image = try #require(try await platform.failure("img_x").error as? LarkError)
                #expect(image.remedy?.description.contains("name the message") == true)
                let resource = try #require(try await platform.failure("om_1/img_x").error as? LarkError)
                #expect(resource.remedy?.description.contains("type") == true)
                #expect(resource.remedy?.description.contains("name the message") == false)
            }
        }
    }

    private func check(_ example: Case, key seeded: String, at platform: EmulatorFixture) async throws {
        var key = seeded
        switch example.cause {
        case .fault: platform.spoil(.code(example.code))
        case .usersImage:
            key = platform.emulator.seedImage(appID: EmulatorFixture.appID, bytes: SampleImages.png, sentBy: .user)
        case .othersImage:
            platform.emulator.setApp(.custom("cli_other", secret: "s"))
            key = platform.emulator.seedImage(appID: "cli_other", bytes: SampleImages.png)
        case .deleted: platform.emulator.deleteImage(key)
        case .noBot: platform.emulator.setBot(false, appID: EmulatorFixture.appID)
        case .wrongKey: key = "\(key)_not"
        case .obstacle: break
        }
        let failure = try await platform.failure(key)
        let error = try #require(failure.error as? LarkError, "\(failure.error)")
        #expect(error.platformCode == example.code)
        #expect(error.kind == example.kind)
        #expect(error.logID == platform.emulator.journal.last?.logID)
        #expect(error.platformMessage?.isEmpty == false)
        #expect(error.remedy?.description.isEmpty == false)
        // What will pass later is said to, though it is not repeated within seconds.
        #expect(error.isRetryable == [234019, 234042].contains(example.code))
        #expect(failure.attempts == 1)
        #expect(platform.requests == 1)
        #expect(platform.clock.waits.isEmpty)
        #expect(try platform.files() == [])
    }
}
