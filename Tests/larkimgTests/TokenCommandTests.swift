import FoundationEssentials
import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg token", .timeLimit(.minutes(10)))
struct TokenCommandTests {
    /// Words that must be refused before anything is sent.
    @Test(
        "What makes no sense ends with 64, one line and what to do, and nothing is sent",
        arguments: [
            ["--tenant", "../../etc/passwd"], ["--tenant", ""], ["--tenant", "a b"], ["--tenant", "x\u{1B}[2J"],
            ["--tenant", "acme", "--min-ttl", "-1"], ["--tenant", "acme", "--min-ttl", "1801"],
            ["--tenant", "acme", "--min-ttl", "99999999999999999999"], ["--tenant", "acme", "--min-ttl", "NaN"],
            ["--tenant", "acme", "--min-ttl", "\u{FF11}\u{FF10}"], ["--tenant", "acme", "--format", "xml"],
            ["--tenant", "acme", "--reject", "t-a-token-as-argument"], [],
        ])
    func usage(_ arguments: [String]) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(["token"] + arguments)
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(ending.output.isEmpty)
            #expect(!ending.errors.isEmpty)
            #expect(!ending.errors.contains("\u{1B}"))
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("An unknown tenant is a configuration error that says how to register it")
    func unknownTenant() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg("token", "--tenant", "nobody")
            #expect(ending.status == 78)
            #expect(ending.errors.contains("there is no tenant nobody"))
            #expect(ending.errors.contains("larkimg tenant add nobody"))
        }
    }

    @Test("An unreachable platform ends with 69, a wrong secret with 77, also while it is remembered")
    func failures() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, times: 3, .cut(afterBytes: nil)))
            let unreachable = try await cli.larkimg("token", "--tenant", "acme")
            #expect(unreachable.status == 69, "\(unreachable.errors)")
            cli.emulator.setSecret("another", appID: CLIHarness.appID)
            // The outage is remembered for a second.
            var refused = unreachable
            try await eventually {
                refused = try await cli.larkimg("token", "--tenant", "acme")
                return refused.status != 69
            }
            #expect(refused.status == 77)
            #expect(refused.errors.contains("10014: app secret invalid, log id "))
            #expect(refused.errors.contains("larkimg tenant update acme"))
            let remembered = try await cli.larkimg("token", "--tenant", "acme", "--json")
            #expect(remembered.status == 77)
            let error = try #require(try JSON.object(remembered.errors)["error"])
            #expect(error["code"] == .number(10014))
            #expect(error["retryable"] == .bool(false))
            if case .number(let seconds)? = error["retry_after"] {
                #expect(1...120 ~= seconds)
            } else {
                Issue.record("no retry_after")
            }
            #expect(cli.tokenCalls == 4)
        }
    }

    @Test("During an outage, a probe of the platform is a single request")
    func probe() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(
                Fault(
                    .tenantAccessTokenInternal, times: .always,
                    .answer(status: 503, contentType: "text/plain", body: "", headers: nil)))
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 69)
            #expect(cli.tokenCalls == 3)
            try await eventually {
                let ending = try await cli.larkimg("token", "--tenant", "acme")
                #expect(ending.status == 69)
                return cli.tokenCalls > 3
            }
            #expect(cli.tokenCalls == 4)
        }
    }

    @Test("The second run sends no request, and every format carries the same token")
    func formats() async throws {
        try await withCLI { cli in
            let bare = try await cli.larkimg("token", "--tenant", "acme")
            #expect(bare.status == 0)
            #expect(bare.errors.isEmpty)
            let token = bare.text.dropLast()
            #expect(bare.text == "\(token)\n" && !token.contains("\n"))
            let header = try await cli.larkimg("token", "--format", "header", extra: ["LARKIMG_TENANT": "acme"])
            #expect(header.text == "Authorization: Bearer \(token)\n")
            let json = try JSON.object(try await cli.larkimg("token", "--tenant", "acme", "--json").text)
            #expect(json["tenant_access_token"] == .string(String(token)))
            #expect(json["tenant"] == .string("acme"))
            #expect(Set(json.keys) == ["tenant", "tenant_access_token", "expires_at", "expires_in"])
            let evaluated = try await cli.shell(
                #"eval "$(larkimg token --tenant acme --format env)" && printf %s "$LARK_TENANT_ACCESS_TOKEN""#)
            #expect(evaluated.text == token)
            #expect(cli.tokenCalls == 1)
        }
    }

    @Test("A rejected token on stdin is invalidated, exactly that one")
    func reject() async throws {
        try await withCLI { cli in
            let first = try await cli.larkimg("token", "--tenant", "acme").text
            #expect(try await cli.larkimg("token", "--tenant", "acme", "--reject", "-", input: "t-other").status == 0)
            #expect(try await cli.larkimg("token", "--tenant", "acme").text == first)
            cli.emulator.revokeTokens(appID: CLIHarness.appID)
            let rejected = try await cli.larkimg("token", "--tenant", "acme", "--reject", "-", input: first)
            #expect(rejected.status == 0 && rejected.output.isEmpty && rejected.errors.isEmpty)
            let second = try await cli.larkimg("token", "--tenant", "acme")
            #expect(second.status == 0 && second.text != first)
            #expect(cli.tokenCalls == 2)
        }
    }

    @Test("A program that rejects a token which the platform issues again is told so, and what it means")
    func rejectedAgain() async throws {
        try await withCLI { cli in
            let token = try await cli.larkimg("token", "--tenant", "acme").text
            #expect(try await cli.larkimg("token", "--tenant", "acme", "--reject", "-", input: token).errors.isEmpty)
            #expect(try await cli.larkimg("token", "--tenant", "acme").text == token)
            let again = try await cli.larkimg("token", "--tenant", "acme", "--reject", "-", input: token)
            #expect(again.status == 0 && again.output.isEmpty)
            #expect(again.errors.contains("acme: the platform has issued this token again"))
            #expect(again.errors.contains("may not accept a tenant_access_token, or the app is not enabled"))
            #expect(try await cli.larkimg("token", "--tenant", "acme").text == token)
            #expect(cli.tokenCalls == 2)
        }
    }

    /// Where a result cannot go.
    @Test("A closed or full stdout is an error of its own, never a crash", arguments: [">&-", ">/dev/full", "| true"])
    func brokenOutput(_ redirection: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(
                "set -o pipefail; larkimg token --tenant acme \(redirection); echo status $?")
            #expect(["status 74\n", "status 0\n"].contains(ending.text), "\(ending.text) \(ending.errors)")
            if redirection != "| true" { #expect(ending.text == "status 74\n") }
        }
    }

    @Test("--refresh asks the platform, which names the same token while half an hour remains")
    func refresh() async throws {
        try await withCLI { cli in
            let first = try await cli.larkimg("token", "--tenant", "acme")
            let second = try await cli.larkimg("token", "--tenant", "acme", "--refresh")
            #expect(second.text == first.text)
            #expect(cli.tokenCalls == 2)
        }
    }

    /// An answer of the token endpoint that is no use.
    struct MalformedResponse: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let action: Fault.Action
        var status: Int32 = 65
    }

    @Test(
        "A reply that is junk is refused, in one line, and nothing of it is kept",
        arguments: [
            MalformedResponse(testDescription: "expire 0", action: .expire(.integer(0))),
            MalformedResponse(testDescription: "expire -1", action: .expire(.integer(-1))),
            MalformedResponse(testDescription: "expire as a text", action: .expire(.text("7200"))),
            MalformedResponse(testDescription: "no expire", action: .omit("expire")),
            MalformedResponse(testDescription: "no token", action: .omit("tenant_access_token")),
            MalformedResponse(testDescription: "an empty token", action: .token("")),
            MalformedResponse(testDescription: "a token with a line break", action: .token("t-a\r\nX-Evil: 1")),
            MalformedResponse(testDescription: "a token with spaces", action: .token("t a")),
            MalformedResponse(testDescription: "a token outside ASCII", action: .token("t-\u{E9}")),
            MalformedResponse(
                testDescription: "a token of 100 KB", action: .token(String(repeating: "t", count: 100_000))),
            MalformedResponse(
                testDescription: "HTML",
                action: .answer(status: 200, contentType: "text/html", body: "<html>", headers: nil)),
            MalformedResponse(testDescription: "2 MB", action: .generatedBody(bytes: 2_000_000)),
            MalformedResponse(
                testDescription: "a redirect", action: .redirect(status: 302, location: "http://127.0.0.1:1/")),
            MalformedResponse(
                testDescription: "502 in text",
                action: .answer(status: 502, contentType: "text/plain", body: "bad", headers: nil), status: 69),
            MalformedResponse(testDescription: "code 2200", action: .code(2200), status: 69),
            MalformedResponse(testDescription: "429", action: .limit(status: 429, reset: "30", limit: nil), status: 75),
            MalformedResponse(
                testDescription: "400 and 99991400", action: .limit(status: 400, reset: "30", limit: nil), status: 75),
        ])
    func junk(_ junk: MalformedResponse) async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, times: .always, junk.action))
            let ending = try await cli.larkimg("token", "--tenant", "acme")
            #expect(ending.status == junk.status, "\(ending.errors)")
            #expect(ending.output.isEmpty)
            #expect(ending.errors.split(separator: "\n").count == 2, "\(ending.errors)")
            cli.emulator.clearFaults()
            guard junk.status != 75 else { return }
            // The outage is remembered for a second.
            try await eventually { try await cli.larkimg("token", "--tenant", "acme").status == 0 }
        }
    }
}
