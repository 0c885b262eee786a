import LarkEmulator
import TestSupport
import Testing

@Suite("Faults on the wire")
struct WireFaultTests {
    private static let text = "0123456789"

    /// What is on the wire when an image of ten digits is downloaded under a fault.
    private func capture(
        _ actions: Fault.Action...,
        until isEnough: (String) -> Bool = { _ in false }
    ) async throws -> (head: String, body: String, wasReset: Bool) {
        try await withPlatform { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: Array(Self.text.utf8))
            var fault = Fault(.imagesGet)
            fault.actions = actions
            emulator.addFault(fault)
            let capture = try await RawConnection.get(
                "/open-apis/im/v1/images/\(key)",
                port: client.port,
                token: try await client.token(),
                until: isEnough
            )
            let parts = capture.text.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
            return (parts.first ?? "", parts.count > 1 ? parts[1] : "", capture.wasReset)
        }
    }

    @Test("A body is cut short of its Content-Length")
    func cut() async throws {
        let wire = try await capture(.cut(afterBytes: 3))
        #expect(wire.head.contains("Content-Length: 10"))
        #expect(wire.body == "012")
        #expect(!wire.wasReset)
    }

    @Test("A connection is closed without a response")
    func cutBeforeHead() async throws {
        let wire = try await capture(.cut(afterBytes: nil))
        #expect(wire.head.isEmpty)
        #expect(!wire.wasReset)
    }

    @Test("A chunked body is cut within its chunk")
    func chunkedCut() async throws {
        let wire = try await capture(.chunked, .cut(afterBytes: 3))
        #expect(wire.head.contains("Transfer-Encoding: chunked"))
        #expect(!wire.head.contains("Content-Length"))
        #expect(wire.body == "a\r\n012")
    }

    @Test("A chunked body can be whole")
    func chunked() async throws {
        #expect(try await capture(.chunked).body == "a\r\n0123456789\r\n0\r\n\r\n")
    }

    @Test("A connection is reset before the head and within the body")
    func reset() async throws {
        #expect(try await capture(.reset(afterBytes: nil)).wasReset)
        #expect(try await capture(.reset(afterBytes: 3)).wasReset)
    }

    @Test("A body stalls, and the emulator still stops")
    func stall() async throws {
        let wire = try await capture(.stall(afterBytes: 3)) { $0.hasSuffix("\r\n\r\n012") }
        #expect(wire.body == "012")
    }

    @Test("Content-Length may say anything, or nothing", arguments: ["11", "9", "-1", "many"])
    func contentLength(_ text: String) async throws {
        let wire = try await capture(.contentLength(text))
        #expect(wire.head.contains("\r\nContent-Length: \(text)\r\n"))
        #expect(wire.body == Self.text)
    }

    @Test("A body may end with the connection")
    func untilClose() async throws {
        let wire = try await capture(.contentLength(nil))
        #expect(!wire.head.contains("Content-Length"))
        #expect(wire.body == Self.text)
    }

    @Test("Header fields do not end until the client closes the connection")
    func endlessHeaders() async throws {
        let wire = try await capture(.endlessHeaders) { $0.utf8.count > 1 << 20 }
        #expect(wire.head.contains("X-Endless-1000: "))
        #expect(wire.body.isEmpty)
    }

    @Test("A header may be huge")
    func hugeHeader() async throws {
        let wire = try await capture(.hugeHeader(bytes: 200_000)) { $0.hasSuffix(Self.text) }
        #expect(wire.head.utf8.count > 200_000)
    }

    @Test("Header names may be in lower case")
    func lowerCase() async throws {
        for actions in [[Fault.Action.lowerCaseHeaders], [.lowerCaseHeaders, .contentLength("10")]] {
            let wire = try await withPlatform { emulator, client in
                let key = emulator.seedImage(appID: "cli_a", bytes: Array(Self.text.utf8))
                var fault = Fault(.imagesGet)
                fault.actions = actions
                emulator.addFault(fault)
                let path = "/open-apis/im/v1/images/\(key)"
                return try await RawConnection.get(path, port: client.port, token: try await client.token()) {
                    $0.hasSuffix(Self.text)
                }
            }
            for name in ["content-type", "content-length", "x-tt-logid", "date"] {
                #expect(wire.text.contains("\r\n\(name): "))
            }
        }
    }

    @Test("A body comes drop by drop")
    func drip() async throws {
        #expect(try await capture(.drip(bytes: 1, everySeconds: 0.001)).body == Self.text)
    }
}
