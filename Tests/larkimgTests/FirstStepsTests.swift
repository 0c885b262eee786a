import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("The first minutes", .timeLimit(.minutes(10)))
struct FirstStepsTests {
    /// The environment of a user who has not used larkimg before.
    private static func newUser(_ cli: CLIHarness) -> [String: String] {
        ["LARKIMG_STORE": "", "LARKIMG_KEY_FILE": "", "HOME": cli.folder.appending("new-home").string]
    }

    @Test("Without a store, larkimg alone says what to do first, in lines that fit a terminal, and creates nothing")
    func noStore() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg([], extra: Self.newUser(cli))
            #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
            #expect(ending.text.contains("  larkimg tenant add acme --app-id "), "\(ending.text)")
            #expect(ending.lines.allSatisfy { $0.count <= 80 }, "\(ending.text)")
            #expect(ending.lines.count <= 12, "\(ending.text)")
            #expect(!FileManager.default.fileExists(atPath: cli.folder.appending("new-home").string))
        }
    }

    @Test("The commands that it names are understood")
    func commands() async throws {
        try await withCLI { cli in
            let text = try await cli.larkimg([], extra: Self.newUser(cli)).text
            let commands = text.matches(of: /(?m)^  (larkimg [a-z].*)$/).map { String($0.output.1) }
            #expect(commands.count >= 4, "\(text)")
            for command in commands {
                let ending = try await cli.shell("setsid -w \(command) </dev/null", extra: Self.newUser(cli))
                #expect(ending.status != 0)
                #expect(!ending.errors.contains("--help"), "\(command): \(ending.errors)")
            }
        }
    }

    @Test("With a store, or an auth service to use, larkimg alone prints its help")
    func help() async throws {
        try await withCLI { cli in
            let withStore = try await cli.larkimg([])
            #expect(withStore.status == 0 && withStore.text.contains("SUBCOMMANDS:"), "\(withStore.text)")
            let asClient = try await cli.larkimg(
                [], extra: Self.newUser(cli).merging(["LARKIMG_AUTH_SERVICE": "unix:///run/x"]) { $1 })
            #expect(asClient.status == 0 && asClient.text.contains("SUBCOMMANDS:"), "\(asClient.text)")
        }
    }

    @Test("A tenant without a source of its secret is answered with all the ways to give one")
    func secretSources() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell("setsid -w larkimg tenant add new --app-id cli_x </dev/null")
            #expect(ending.status == 64)
            for way in ["--app-secret-file FILE", "--app-secret-file -", "LARKIMG_APP_SECRET"] {
                #expect(ending.errors.contains(way), "\(ending.errors)")
            }
        }
    }

    @Test(
        "A mistyped command is answered with the nearest one",
        arguments: [
            (["fetc", "--tenant", "acme", "img"], "Did you mean larkimg fetch?"),
            (["tokne"], "Did you mean larkimg token?"), (["tenant", "ad", "x"], "Did you mean larkimg tenant add?"),
            (["app", "ticket", "sett", "--file", "x"], "Did you mean larkimg app ticket set?"),
            (["zzzzzzzz"], "  See larkimg --help"), (["tenant", "zzzzzzzz"], "  See larkimg tenant --help"),
        ])
    func unknownCommand(_ arguments: [String], _ remedy: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(arguments)
            #expect(ending.status == 64 && ending.output.isEmpty)
            #expect(ending.errors.hasPrefix("larkimg: there is no command larkimg "), "\(ending.errors)")
            #expect(ending.errors.contains(remedy), "\(ending.errors)")
        }
    }

    @Test("A mistyped option is answered with the nearest one")
    func unknownOption() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg("token", "--tenent", "acme")
            #expect(ending.status == 64)
            #expect(ending.errors.contains("--tenent'. Did you mean '--tenant'?"), "\(ending.errors)")
        }
    }

    @Test("A mistyped tenant or store app is answered with the nearest name in the store")
    func unknownTenant() async throws {
        try await withShop { cli in
            for (arguments, name) in [
                (["token", "--tenant", "acmee"], "acme"), (["tenant", "show", "ACME"], "acme"),
                (["client", "add", "c", "--tenants", "glboex"], "globex"), (["app", "show", "shpo"], "shop"),
                (["tenant", "update", "acm", "--quota", "5/s"], "acme"), (["tenant", "remove", "acm"], "acme"),
            ] {
                let ending = try await cli.larkimg(arguments)
                #expect(ending.status == 78)
                #expect(ending.errors.contains("  The nearest name is \(name). See larkimg "), "\(ending.errors)")
            }
            let other = try await cli.larkimg("token", "--tenant", "umbrella")
            #expect(!other.errors.contains("nearest"), "\(other.errors)")
        }
    }

    @Test("A client of the service learns the nearest of its own tenants, and no other name")
    func unknownTenantAtService() async throws {
        try await withShop { cli in
            let secret = try await cli.addClient("reports", tenants: "acme")
            let ending = try await cli.servingOnPort { service, _ in
                func errors(_ tenant: String) async throws -> String {
                    try await cli.larkimg(
                        "token", "--tenant", tenant, "--auth-service", service.url,
                        extra: cli.environmentWithoutStore(secret: secret)
                    )
                    .errors
                }
                let own = try await errors("acmee")
                #expect(own.contains("  The nearest name is acme. Check the name"), "\(own)")
                let foreign = try await errors("globe")
                #expect(!foreign.contains("globex") && !foreign.contains("nearest"), "\(foreign)")
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }
}
