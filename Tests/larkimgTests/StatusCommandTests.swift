import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg status", .timeLimit(.minutes(10)))
struct StatusCommandTests {
    @Test("Every tenant is shown with its token, its last error and the quota used, without asking anybody")
    func all() async throws {
        try await withCLI { cli in
            try await cli.addTenant("wrong", secret: "another-secret")
            try await cli.addTenant("idle")
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            _ = try await cli.larkimg("fetch", "--tenant", "acme", key)
            _ = try await cli.larkimg("fetch", "--tenant", "wrong", key, "-d", "elsewhere")
            let calls = cli.emulator.journal.count
            let ending = try await cli.larkimg("status", "--json")
            #expect(ending.status == 0, "\(ending.errors)")
            let lines = try ending.lines.map { try JSON.object($0) }
            try #require(lines.map { $0["tenant"] } == [.string("acme"), .string("idle"), .string("wrong")])
            #expect(lines[0]["token"] == .string("fresh"))
            #expect(lines[0]["quota"] == .string("50/s,1000/m"))
            guard case .number(let sent) = lines[0]["quota_used"]?["images"] else {
                Issue.record("\(ending.text)")
                return
            }
            #expect(sent >= 1)
            #expect(lines[1]["token"] == .string("none"))
            #expect(lines[1]["last_error"] == nil)
            #expect("\(lines[2]["last_error"], default: "")".contains("10014"))
            #expect(lines[2]["retry_at"] != nil)
            let table = try await cli.larkimg("status")
            #expect(table.lines.count == 4)
            #expect(
                table.text.contains("fresh, 1h59m left") || table.text.contains("fresh, 2h00m left"), "\(table.text)")
            #expect(cli.emulator.journal.count == calls)
            let token = try await cli.larkimg("token", "--tenant", "acme").lines[0]
            for text in [ending.text, table.text] {
                #expect(!text.contains(token) && !text.contains(CLIHarness.secret) && !text.contains("another-secret"))
            }
        }
    }

    @Test("A pause that the platform has asked for is shown with its end")
    func paused() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.imagesGet, times: .always, .limit(status: 429, reset: "50", limit: "50")))
            _ = try await cli.larkimg("fetch", "--tenant", "acme", "img_x", "--timeout", "1s")
            let ending = try await cli.larkimg("status", "--json")
            #expect(try JSON.object(ending.text)["quota_paused_until"] != nil, "\(ending.text)")
            #expect(try await cli.larkimg("status").text.contains(", paused until 20"))
        }
    }

    @Test("Requests that cannot be counted are null and a question mark, not zero")
    func unknownCount() async throws {
        try await withCLI { cli in
            try cli.folder.write(Array("notes".utf8), to: "home/store.sqlite.quota")
            let ending = try await cli.larkimg("status", "--json")
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try JSON.object(ending.text)["quota_used"]?["images"] == .null)
            #expect(try await cli.larkimg("status").text.contains("? + ? of 50/s"))
            #expect(try cli.folder.read("home/store.sqlite.quota") == Array("notes".utf8))
        }
    }

    @Test("A token grows old: ageing with half an hour left, spent at its end")
    func ages() async throws {
        for (life, age) in [(1799, "ageing"), (-1, "spent")] {
            try await withCLI { cli in
                _ = try await cli.larkimg("token", "--tenant", "acme", "--min-ttl", "0")
                let aged = try await cli.shell(
                    "sqlite3 $LARKIMG_STORE 'UPDATE token SET expires_at = unixepoch() + \(life)'")
                try #require(aged.status == 0, "\(aged.errors)")
                try await eventually {
                    let ending = try await cli.larkimg("status", "--json")
                    return try JSON.object(ending.text)["token"] == .string(age)
                }
            }
        }
    }
}
