import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("What is damaged in the store concerns its own tenant only, and can be replaced", .timeLimit(.minutes(10)))
struct DamagedStoreCommandTests {
    /// Two tenants with tokens, one of them with something damaged.
    private func withDamage(_ sql: String, _ body: (CLIHarness) async throws -> Void) async throws {
        try await withCLI {
            $0.apps.append(.custom("cli_two", secret: "two"))
        } _: { cli in
            try await cli.addTenant("globex", appID: "cli_two", secret: "two")
            for tenant in ["acme", "globex"] { _ = try await cli.larkimg("token", "--tenant", tenant) }
            let damaged = try await cli.shell("sqlite3 $LARKIMG_STORE \"\(sql)\"")
            try #require(damaged.status == 0, "\(damaged.errors)")
            try await body(cli)
        }
    }

    private static let ofGlobex = "app = (SELECT app FROM tenant WHERE name = 'globex')"
    private static let token = "UPDATE token SET expires_at = expires_at + 1 WHERE \(ofGlobex)"
    private static let secret = "UPDATE app SET sealed_secret = zeroblob(60) WHERE app_id = 'cli_two'"

    @Test("Lists and the status work, and a service starts", arguments: [token, secret])
    func lists(_ sql: String) async throws {
        try await withDamage(sql) { cli in
            for command in [["status"], ["tenant", "list"], ["tenant", "show", "globex"]] {
                let ending = try await cli.larkimg(command)
                #expect(ending.status == 0 && ending.text.contains("globex"), "\(command): \(ending.errors)")
            }
            let doctor = try await cli.larkimg("doctor")
            // A token is replaced when it is needed.
            #expect(doctor.status == (sql == Self.token ? 0 : 78), "\(doctor.text)")
            #expect(doctor.text.contains(sql == Self.token ? "warn  store " : "fail  store "))
            #expect(doctor.text.contains("pass  tenant acme: "))
            let served = try await cli.servingOnSocket { service in
                let token = try await cli.larkimg("token", "--tenant", "acme", "--auth-service", service.url)
                #expect(token.status == 0, "\(token.errors)")
            }
            #expect(served.status == 0, "\(served.errors)")
        }
    }

    @Test("A damaged token is renewed")
    func damagedToken() async throws {
        try await withDamage(Self.token) { cli in
            let ending = try await cli.larkimg("token", "--tenant", "globex")
            #expect(ending.status == 0 && ending.text.hasPrefix("t-"), "\(ending.errors)")
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    @Test("A damaged secret is replaced by the command that the error names")
    func damagedSecret() async throws {
        try await withDamage(Self.secret + "; DELETE FROM token") { cli in
            let ending = try await cli.larkimg("token", "--tenant", "globex")
            #expect(ending.status == 78)
            #expect(ending.errors.contains("larkimg tenant update globex --app-secret-file"), "\(ending.errors)")
            let updated = try await cli.larkimg("tenant", "update", "globex", "--app-secret-file", "-", input: "two")
            #expect(updated.status == 0, "\(updated.errors)")
            #expect(try await cli.larkimg("token", "--tenant", "globex").status == 0)
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    @Test("A tenant with a damaged token or secret can be removed", arguments: [token, secret])
    func remove(_ sql: String) async throws {
        try await withDamage(sql) { cli in
            let ending = try await cli.larkimg("tenant", "remove", "globex")
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    @Test("app update replaces a damaged secret and damaged keys, and keeps those that are not given")
    func app() async throws {
        try await withShop { cli in
            func damage(_ column: String) async throws {
                let ending = try await cli.shell(
                    "sqlite3 $LARKIMG_STORE \"UPDATE app SET \(column) = zeroblob(60) WHERE name = 'shop'\"")
                #expect(ending.status == 0, "\(ending.errors)")
                #expect(try await cli.larkimg("store", "check").status == 78)
            }
            let options = [
                ("sealed_secret", "--app-secret-file", "canary-shop-secret"),
                ("sealed_encrypt_key", "--encrypt-key-file", CLIHarness.encryptKey),
                ("sealed_verification_token", "--verification-token-file", CLIHarness.verificationToken),
            ]
            for (column, option, value) in options {
                try await damage(column)
                let ending = try await cli.larkimg("app", "update", "shop", option, "-", input: value)
                #expect(ending.status == 0, "\(column): \(ending.errors)")
                #expect(try await cli.larkimg("store", "check").status == 0)
            }
            let shown = try await cli.larkimg("app", "show", "shop")
            #expect(shown.text.contains("encrypted"), "\(shown.text)")
        }
    }
}
