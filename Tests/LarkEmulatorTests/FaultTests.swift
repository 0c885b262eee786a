import LarkEmulator
import TestSupport
import Testing

@Suite("Faults that change the response")
struct FaultTests {
    @Test("A fault skips, acts, and is used up")
    func times() async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.tenantAccessTokenInternal, skip: 1, times: 2, .code(2200)))
            var codes: [Int?] = []
            for _ in 0..<5 {
                codes.append(try await client.askToken().code)
            }
            #expect(codes == [0, 2200, 2200, 0, 0])
        }
    }

    @Test("The first fault that matches acts alone, and clearing ends them")
    func line() async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.tenantAccessTokenInternal, .code(10003)))
            emulator.addFault(Fault(.tenantAccessTokenInternal, times: .always, .code(2200)))
            var codes: [Int?] = []
            for _ in 0..<3 {
                codes.append(try await client.askToken().code)
            }
            #expect(codes == [10003, 2200, 2200])
            emulator.clearFaults()
            #expect(try await client.askToken().code == 0)
        }
    }

    @Test("A fault can be meant for one app, one key, or paths that begin alike")
    func matching() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            emulator.addFault(Fault(Fault.Match(appID: "cli_b"), times: .always, .code(2200)))
            emulator.addFault(Fault(Fault.Match(key: "img_1"), times: .always, .code(234005)))
            emulator.addFault(Fault(Fault.Match(path: "/open-apis/im/v1/images/img_2"), times: .always, .code(234042)))
            #expect(try await client.askToken("cli_b").code == 2200)
            #expect(try await client.askToken("cli_a").code == 0)
            #expect(try await client.image("img_1", token: token).code == 234005)
            #expect(try await client.image("img_2x", token: token).code == 234042)
            #expect(try await client.image("img_3", token: token).code == 234001)
        }
    }

    @Test("An error may have any status, code, text and header")
    func error() async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(
                Fault(.imagesGet, .error(status: 418, code: 7, msg: "\u{1B}[2J", headers: ["Retry-After": "3"]))
            )
            let reply = try await client.image("img_x", token: "t-x")
            #expect(reply.status == 418)
            #expect(reply.code == 7)
            #expect(reply.json?["msg"] == "\u{1B}[2J")
            #expect(reply.header("Retry-After") == "3")
        }
    }

    @Test("A raw answer may be a page, a text or nothing, under 200 too")
    func rawAnswer() async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(
                Fault(.imagesGet, .answer(status: 200, contentType: "text/html", body: "<html>", headers: nil))
            )
            emulator.addFault(Fault(.imagesGet, .answer(status: 502, contentType: nil, body: "", headers: nil)))
            let page = try await client.image("img_x", token: "t-x")
            #expect(page.status == 200)
            #expect(page.text == "<html>")
            let empty = try await client.image("img_x", token: "t-x")
            #expect(empty.status == 502)
            #expect(empty.bytes.isEmpty)
            #expect(empty.header("Content-Type") == nil)
        }
    }

    @Test("A redirect has its location")
    func redirect() async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.imagesGet, .redirect(status: 302, location: "http://other.example/")))
            let reply = try await client.image("img_x", token: "t-x")
            #expect(reply.status == 302)
            #expect(reply.header("Location") == "http://other.example/")
        }
    }

    @Test("A limit comes with the headers that are given", arguments: ["0", "1000000000", "soon", nil])
    func limit(_ reset: String?) async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.imagesGet, .limit(status: 429, reset: reset, limit: nil)))
            let reply = try await client.image("img_x", token: "t-x")
            #expect(reply.status == 429)
            #expect(reply.code == 99991400)
            #expect(reply.header("x-ogw-ratelimit-reset") == reset)
            #expect(reply.header("x-ogw-ratelimit-limit") == nil)
        }
    }

    @Test("A token can be refused under any status", arguments: [200, 400, 401])
    func rejectToken(_ status: Int) async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.imagesGet, .rejectToken(status: status)))
            let reply = try await client.image("img_x", token: try await client.token())
            #expect(reply.status == status)
            #expect(reply.code == 99991663)
        }
    }

    @Test("expire may be any JSON", arguments: [0, 1, 179, -1, 1e12, "7200", nil, [7200]] as [JSONValue?])
    func expire(_ value: JSONValue?) async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.tenantAccessTokenInternal, value.map { .expire($0) } ?? .omit("expire")))
            let reply = try await client.askToken()
            #expect(reply.code == 0)
            #expect(reply.json?["expire"] == (value == .number(1e12) ? .integer(1_000_000_000_000) : value))
        }
    }

    @Test(
        "A token may be any text",
        arguments: [
            "", "a\r\nb", "a b", "tökén", String(repeating: "t", count: 4096), String(repeating: "t", count: 1 << 20),
        ]
    )
    func token(_ text: String) async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.tenantAccessTokenInternal, .token(text)))
            let token = try await client.token()
            #expect(token == text)
        }
    }

    @Test("Body, type and status can be replaced one by one")
    func replaced() async throws {
        try await withPlatform { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            let token = try await client.token()
            emulator.addFault(Fault(.imagesGet, .body(#"{"code":1}"#)))
            emulator.addFault(Fault(.imagesGet, .header(name: "Content-Type", value: nil)))
            emulator.addFault(Fault(.imagesGet, .bytes([1, 2, 3]), .status(204 - 1)))
            emulator.addFault(Fault(.imagesGet, .generatedBody(bytes: 3_000_000)))
            let json = try await client.image(key, token: token)
            #expect(json.code == 1)
            #expect(json.header("Content-Type") == "image/png")
            #expect(try await client.image(key, token: token).header("Content-Type") == nil)
            let bytes = try await client.image(key, token: token)
            #expect(bytes.status == 203)
            #expect(bytes.bytes == [1, 2, 3])
            #expect(try await client.image(key, token: token).bytes.count == 3_000_000)
        }
    }

    @Test("Requests are held until they are released, and all of them are seen to be")
    func hold() async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.tenantAccessTokenInternal, times: .always, .hold))
            try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<5 {
                    group.addTask { try await client.askToken().code }
                }
                await emulator.waitForHeld(count: 5)
                #expect(emulator.count(of: .tenantAccessTokenInternal) == 5)
                #expect(emulator.journal.allSatisfy { $0.status == nil })
                emulator.release()
                for try await code in group {
                    #expect(code == 0)
                }
            }
            #expect(emulator.journal.allSatisfy { $0.status == 200 })
        }
    }

    @Test("The end of the body does not wait for held requests")
    func stopsWhileHolding() async throws {
        let port = try await withPlatform { emulator, client in
            emulator.addFault(Fault(.tenantAccessTokenInternal, .hold))
            Task { try await client.askToken() }
            await emulator.waitForHeld(count: 1)
            return client.port
        }
        await #expect(throws: (any Error).self) { try await RawConnection.get("/", port: port) }
    }
}
