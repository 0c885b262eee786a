import ImageFetch
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("Responses that are not the whole image", .timeLimit(.minutes(3)))
struct BodyValidatorTests {
    private static let size = 150_000

    /// Before the head, after it, around the bytes that decide, around the sizes of buffers, just before the end.
    private static let cuts: [Int?] = [
        nil, 0, 1, 7, 8, 11, 12, 13, 100, 1447, 1448, 4095, 4096, 16_384, 65_535, 65_536, 65_537, 100_000, 131_072,
        149_998, 149_999,
    ]

    @Test("A body that is cut, at any point and in either framing, leaves nothing", arguments: cuts)
    func cut(_ point: Int?) async throws {
        try await withPlatform { platform in
            let key = platform.seed(SampleImages.png(bytes: Self.size))
            for framing in [[], [Fault.Action.chunked]] {
                platform.emulator.clearFaults()
                platform.emulator.clearJournal()
                platform.spoil(framing + [.cut(afterBytes: point)])
                let failure = try await platform.failure(key)
                let error = try #require(failure.error as? LarkError, "\(failure.error)")
                #expect(error.kind == (point == nil ? .unreachable : .badResponse), "\(error)")
                #expect(error.isRetryable)
                #expect(failure.attempts == 5)
                #expect(platform.requests == 5)
                #expect(try platform.files() == [])
            }
        }
    }

    @Test("A connection that is reset, at any point, leaves nothing", arguments: [nil, 0, 12, 65_536, 149_999])
    func reset(_ point: Int?) async throws {
        try await withPlatform { platform in
            let key = platform.seed(SampleImages.png(bytes: Self.size))
            platform.spoil(.reset(afterBytes: point))
            let failure = try await platform.failure(key)
            #expect((failure.error as? LarkError)?.isRetryable == true, "\(failure.error)")
            #expect(failure.attempts == 5)
            #expect(try platform.files() == [])
        }
    }

    @Test("A server that stops sending is given up, at any point", arguments: [nil, 0, 12, 100_000])
    func silence(_ point: Int?) async throws {
        try await withPlatform(idle: .milliseconds(200)) { platform in
            let key = platform.seed(SampleImages.png(bytes: Self.size))
            platform.spoil(.stall(afterBytes: point))
            let failure = try await platform.failure(key)
            #expect((failure.error as? LarkError)?.kind == .unreachable, "\(failure.error)")
            #expect(failure.attempts == 5)
            #expect(try platform.files() == [])
        }
    }

    struct Body: Sendable, CustomTestStringConvertible {
        let name: String
        let actions: [Fault.Action]
        var testDescription: String { name }

        init(_ name: String, _ actions: Fault.Action...) {
            self.name = name
            self.actions = actions
        }
    }

    @Test(
        "A body that is not an image under HTTP 200 is not kept, and not requested again",
        arguments: [
            Body("nothing", .body("")), Body("nothing in chunks", .body(""), .chunked),
            Body(
                "a page", .body("<!DOCTYPE html><html>login</html>"), .header(name: "Content-Type", value: "text/html")),
            Body("a page that calls itself a PNG", .body("<html>")), Body("JSON that is no error", .body("{}")),
            Body("JSON of success", .body(#"{"code":0,"msg":"ok"}"#)),
            Body("JSON whose code is a text", .body(#"{"code":"234008","msg":"x"}"#)),
            Body("half a signature", .bytes(Array(SampleImages.png.prefix(7)))),
            Body("a text of 10 MB", .generatedBody(bytes: 10_000_000)),
            Body("a video", .bytes([0, 0, 0, 0x20] + Array("ftypisom".utf8))),
        ])
    func notAnImage(_ body: Body) async throws {
        try await withPlatform { platform in
            for key in [platform.seed(), platform.seedResource("img_sent")] {
                platform.emulator.clearFaults()
                platform.emulator.clearJournal()
                platform.spoil(body.actions)
                let failure = try await platform.failure(key)
                let error = try #require(failure.error as? ImageFetchError, "\(failure.error)")
                #expect(error.kind == .notAnImage)
                #expect(error.logID == platform.emulator.journal.last?.logID)
                #expect(platform.requests == 1)
                #expect(try platform.files() == [])
            }
        }
    }

    @Test("An empty file is refused")
    func emptyFile() async throws {
        try await withPlatform { platform in
            let key = platform.seedResource("file_sent", type: .file, bytes: [])
            let failure = try await platform.failure(key)
            #expect((failure.error as? ImageFetchError)?.kind == .notAnImage, "\(failure.error)")
            #expect(try platform.files() == [])
        }
    }

    @Test(
        "An encoded body is refused",
        arguments: ["gzip", "deflate", "br", "zstd", "gzip, gzip, gzip", "x\u{1B}[2J"])
    func packed(_ encoding: String) async throws {
        try await withPlatform { platform in
            platform.spoil(.header(name: "Content-Encoding", value: encoding))
            let failure = try await platform.failure(platform.seed())
            #expect(!"\(failure)".unicodeScalars.contains { $0.properties.generalCategory == .control })
            // A header with a control in it is no answer at all, and that may pass.
            if !encoding.contains("\u{1B}") {
                #expect((failure.error as? ImageFetchError)?.kind == .notAnImage, "\(failure.error)")
                #expect(failure.attempts == 1)
            }
            #expect(try platform.files() == [])
        }
    }

    @Test("A success status other than 200 is refused", arguments: [201, 202, 203, 204, 206, 299])
    func otherSuccess(_ status: Int) async throws {
        try await withPlatform { platform in
            platform.spoil(.status(status))
            let failure = try await platform.failure(platform.seed())
            #expect(failure.error is LarkError, "\(failure.error)")
            #expect(try platform.files() == [])
        }
    }

    @Test("Headers without an end are given up, not collected")
    func endlessHeaders() async throws {
        try await withPlatform { platform in
            platform.spoil(.endlessHeaders)
            let failure = try await platform.failure(platform.seed())
            #expect(failure.error is LarkError, "\(failure.error)")
            #expect(try platform.files() == [])
        }
    }

    @Test(
        "A redirect is not followed; the other address receives nothing", arguments: [300, 301, 302, 303, 307, 308])
    func redirect(_ status: Int) async throws {
        try await withPlatform { platform in
            try await withEmulator { elsewhere, port in
                let key = platform.seed()
                for location in [
                    "http://127.0.0.1:\(port)/open-apis/im/v1/images/\(key)",
                    "http://localhost:\(port)/", "//127.0.0.1:\(port)/x", "https://127.0.0.1:\(port)/", "",
                    "/open-apis/im/v1/images/\(key)",
                ] {
                    platform.emulator.clearFaults()
                    platform.emulator.clearJournal()
                    platform.spoil(.redirect(status: status, location: location))
                    let failure = try await platform.failure(key)
                    #expect((failure.error as? LarkError)?.kind == .badResponse, "\(failure.error)")
                    #expect(platform.requests == 1)
                }
                #expect(elsewhere.journal.isEmpty)
                #expect(try platform.files() == [])
            }
        }
    }

    @Test("A body that ends with the connection is refused over plain HTTP, where truncation cannot be detected")
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
        "A Content-Length that is larger than the body, or malformed, is an error",
        arguments: ["200000", "-1", "+69", "6 9", "0x45", "99999999999999999999", "many", ""])
    func falseLength(_ text: String) async throws {
        try await withPlatform { platform in
            platform.spoil(.contentLength(text))
            let failure = try await platform.failure(platform.seed())
            #expect(failure.error is LarkError, "\(failure.error)")
            #expect(try platform.files() == [])
        }
    }

    @Test("Two lengths, or a length and chunks, are an error")
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

    @Test("A length too small for an image is an error", arguments: ["0", "1", "7"])
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
