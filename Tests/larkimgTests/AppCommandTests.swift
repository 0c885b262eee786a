import FoundationEssentials
import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg app, and tenants of store apps", .timeLimit(.minutes(10)))
struct AppCommandTests {
    private static let appID = "cli_store"
    private static let secret = "canary-store-secret"

    /// A cli whose platform has a store app with two tenants, which are not registered yet.
    private func withShop(_ body: (CLIHarness) async throws -> Void) async throws {
        try await withCLI {
            $0.apps.append(.store(Self.appID, secret: Self.secret, installed: ["key1", "key2"]))
        } _: { cli in
            try await body(cli)
        }
    }

    private func addShop(_ cli: CLIHarness, secret: String = Self.secret) async throws -> BuiltProgram.Ending {
        try await cli.larkimg(
            "app", "add", "shop", "--app-id", Self.appID, "--app-secret-file", "-", "--host", cli.platform,
            input: secret)
    }

    private func setTicket(_ cli: CLIHarness) async throws {
        let ticket = try #require(cli.emulator.appTicket(appID: Self.appID))
        let ending = try await cli.larkimg("app", "ticket", "set", "shop", "--file", "-", input: ticket)
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(!(ending.text + ending.errors).contains(ticket))
    }

    @Test("An app whose secret the platform refuses is not added, and the line says so")
    func wrongSecret() async throws {
        try await withShop { cli in
            let ending = try await addShop(cli, secret: "wrong")
            #expect(ending.status == 77)
            #expect(ending.errors.contains("The app was not added"))
            #expect(try await cli.larkimg("app", "list").text == "")
        }
    }

    @Test("Without a ticket a tenant is not added, and nothing hangs: the error says where tickets come from")
    func noTicket() async throws {
        try await withShop { cli in
            #expect(try await addShop(cli).status == 0)
            let ending = try await cli.larkimg("tenant", "add", "a", "--app", "shop", "--tenant-key", "key1")
            #expect(ending.status == 75, "\(ending.errors)")
            #expect(ending.errors.contains("larkimg app ticket set shop"))
            #expect(try await cli.larkimg("tenant", "show", "a").status == 78)
            let doctor = try await cli.larkimg("doctor", "--offline")
            #expect(doctor.text.contains("warn  app shop: no app_ticket has come yet"), "\(doctor.text)")
        }
    }

    @Test(
        "Words that do not go together end with 64",
        arguments: [
            ["--app", "shop"], ["--tenant-key", "key1"],
            ["--app", "shop", "--tenant-key", "key1", "--app-id", "cli_x"],
            ["--app", "shop", "--tenant-key", "key1", "--host", "feishu"], ["--app", "../x", "--tenant-key", "k"],
            ["--app", "shop", "--tenant-key", "a/b"], [],
        ])
    func usage(_ words: [String]) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(["tenant", "add", "a"] + words)
            #expect(ending.status == 64, "\(ending.errors)")
        }
    }

    @Test(
        "Text that cannot be a ticket is refused, and the ticket in the store stays",
        arguments: ["word", "t-g1044qeGEDXTB6NDJOGV4JQCYDGHRBARFTGT1234", "cli_a1b2c3d4e5f6", "{\"app_ticket\":\"x\"}"])
    func badTicket(_ text: String) async throws {
        try await withShop { cli in
            #expect(try await addShop(cli).status == 0)
            try await setTicket(cli)
            let ending = try await cli.larkimg("app", "ticket", "set", "shop", "--file", "-", input: text)
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(ending.errors.contains("cannot be an app_ticket"))
            let added = try await cli.larkimg("tenant", "add", "a", "--app", "shop", "--tenant-key", "key1")
            #expect(added.status == 0, "\(added.errors)")
        }
    }

    @Test("app show lists the tenants that are registered, though no event told of them")
    func registeredTenants() async throws {
        try await withShop { cli in
            #expect(try await addShop(cli).status == 0)
            _ = try await cli.larkimg("tenant", "add", "a", "--app", "shop", "--tenant-key", "key1", "--no-verify")
            let shown = try await cli.larkimg("app", "show", "shop")
            #expect(shown.text.contains(/tenant +a \(key1\)\n/), "\(shown.text)")
            let json = try JSON.object(try await cli.larkimg("app", "show", "shop", "--json").text)
            #expect(
                json["registered_tenants"]
                    == .list([.object(["tenant": .string("a"), "tenant_key": .string("key1")])]))
        }
    }

    @Test("From the app to the image: two tenants cost three calls for tokens, and no secret is ever shown")
    func wholeWay() async throws {
        try await withShop { cli in
            #expect(try await addShop(cli).status == 0)
            try await setTicket(cli)
            cli.emulator.clearJournal()
            for (name, key) in [("a", "key1"), ("b", "key2")] {
                let added = try await cli.larkimg("tenant", "add", name, "--app", "shop", "--tenant-key", key)
                #expect(added.status == 0, "\(added.errors)")
            }
            let bytes = SampleImages.png(bytes: 5000)
            let image = cli.emulator.seedImage(appID: Self.appID, tenantKey: "key2", bytes: bytes)
            let fetched = try await cli.larkimg("fetch", "--tenant", "b", image)
            #expect(fetched.lines == ["\(image).png"], "\(fetched.errors)")
            let token = try await cli.larkimg("token", "--tenant", "a")
            #expect(token.text.hasPrefix("t-"))
            let host = try await cli.larkimg("exec", "--tenant", "a", "--", "/bin/sh", "-c", "echo $LARK_HOST")
            #expect(host.text == "\(cli.platform)\n")
            #expect(cli.emulator.journal.count { $0.path.contains("/auth/v3/") } == 3)
            for command in [["app", "show", "shop"], ["app", "list", "--json"], ["tenant", "list"], ["status"]] {
                let ending = try await cli.larkimg(command)
                #expect(ending.status == 0)
                for secret in [Self.secret, token.text, cli.emulator.appTicket(appID: Self.appID) ?? "?"] {
                    #expect(!(ending.text + ending.errors).contains(secret))
                }
            }
        }
    }

    @Test("An app that tenants use stays; update ends the back-off of all its tenants")
    func updateAndRemove() async throws {
        try await withShop { cli in
            #expect(try await addShop(cli).status == 0)
            try await setTicket(cli)
            _ = try await cli.larkimg("tenant", "add", "a", "--app", "shop", "--tenant-key", "key1", "--no-verify")
            cli.emulator.setApp(.store(Self.appID, secret: "other", installed: ["key1"]))
            let refused = try await cli.larkimg("token", "--tenant", "a")
            #expect(refused.status == 77)
            #expect(refused.errors.contains("larkimg app update shop"), "\(refused.errors)")
            let updated = try await cli.larkimg(
                "app", "update", "shop", "--app-secret-file", "-", "--no-verify", input: "other")
            #expect(updated.status == 0, "\(updated.errors)")
            let token = try await cli.larkimg("token", "--tenant", "a")
            #expect(token.status == 0, "\(token.errors)")
            #expect(try await cli.larkimg("app", "remove", "shop").status == 78)
            #expect(try await cli.larkimg("tenant", "update", "a", "--app-id", "cli_x").status == 78)
            #expect(try await cli.larkimg("tenant", "remove", "a").status == 0)
            #expect(try await cli.larkimg("app", "remove", "shop").status == 0)
        }
    }
}
