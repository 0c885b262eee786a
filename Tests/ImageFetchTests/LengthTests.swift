import ImageFetch
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("What an answer says of its length", .timeLimit(.minutes(3)))
struct LengthTests {
    @Test("A body that ends with the connection is refused over plain HTTP, where a cut could not be told")
    func unmarkedEnd() async throws {
        try await withPlatform { platform in
            platform.spoil(.contentLength(nil))
            let failure = try await platform.failure(platform.seed())
            #expect((failure.error as? LarkError)?.kind == .badResponse, "\(failure.error)")
            #expect(failure.attempts == 1)
            #expect(try platform.files() == [])
        }
    }

    @Test(
        "A Content-Length that is more than comes, or is nonsense, is an error",
        arguments: ["200000", "-1", "+69", "6 9", "0x45", "99999999999999999999", "many", ""])
    func falseLength(_ text: String) async throws {
        try await withPlatform { platform in
            platform.spoil(.contentLength(text))
            let failure = try await platform.failure(platform.seed())
            #expect(failure.error is LarkError, "\(failure.error)")
            #expect(try platform.files() == [])
        }
    }

    @Test("Two lengths, or a length and chunks, are an error: who cuts at the wrong one keeps a part")
    func twoLengths() async throws {
        try await withPlatform { platform in
            let key = platform.seed(SampleImages.png(bytes: 200))
            for actions in [
                [Fault.Action.header(name: "Content-Length", value: "100"), .contentLength("200")],
                [.header(name: "Content-Length", value: "100"), .chunked],
            ] {
                platform.emulator.clearFaults()
                platform.spoil(actions)
                let failure = try await platform.failure(key)
                #expect(failure.error is LarkError, "\(failure.error)")
                #expect(try platform.files() == [])
            }
        }
    }

    @Test("What is left by a length too small to tell an image is none", arguments: ["0", "1", "7"])
    func tooShort(_ text: String) async throws {
        try await withPlatform { platform in
            platform.spoil(.contentLength(text))
            let failure = try await platform.failure(platform.seed())
            #expect((failure.error as? ImageFetchError)?.kind == .notAnImage, "\(failure.error)")
            #expect(failure.attempts == 1)
            #expect(try platform.files() == [])
        }
    }
}
