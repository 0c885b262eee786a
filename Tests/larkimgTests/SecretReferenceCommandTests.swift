import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("--app-secret-from", .timeLimit(.minutes(10)))
struct SecretReferenceCommandTests {
    private func add(
        _ cli: CLIHarness, _ reference: String, _ more: [String] = [], extra: [String: String] = [:]
    ) async throws -> BuiltProgram.Ending {
        let words = ["tenant", "add", "far", "--app-id", CLIHarness.appID, "--host", cli.platform]
        return try await cli.larkimg(words + ["--app-secret-from", reference] + more, extra: extra)
    }

    @Test("What is no reference is a usage error that does not repeat it, and nothing is sent or stored")
    func invalid() async throws {
        try await withCLI { cli in
            for (reference, more) in [
                ("canary-pasted-secret", []), ("exec:canary | head", []), ("file:canary", []),
                ("env:SECRET", ["--app-secret-file", "-"]),
            ] {
                let ending = try await add(cli, reference, more)
                #expect(ending.status == 64, "\(ending.errors)")
                #expect(!ending.errors.contains("canary"), "\(ending.errors)")
            }
            #expect(cli.emulator.journal.isEmpty)
            #expect(try await cli.larkimg("tenant", "show", "far").status == 78)
        }
    }

    @Test("A secret that cannot be read is an error with the reference, the reason and the remedy; no tenant is added")
    func unreadable() async throws {
        try await withCLI { cli in
            for (reference, status, reason, remedy) in [
                ("env:LARK_SECRET", 78, "the variable is not set", "Set LARK_SECRET"),
                ("file:/nonexistent/secret", 78, "no such file or directory", "Check the file"),
                ("systemd-credential:acme", 78, "systemd passed no credentials", "Pass it to this process"),
                ("exec:sh -c 'echo canary; exit 7'", 75, "it ended with status 7", "Run the command to see why"),
            ] as [(String, Int32, String, String)] {
                let ending = try await add(cli, reference)
                #expect(ending.status == status, "\(ending.errors)")
                #expect(
                    ending.errors.hasPrefix("larkimg: far: the app_secret cannot be read from \(reference): \(reason)"),
                    "\(ending.errors)")
                #expect(ending.errors.contains("\n  \(remedy)"), "\(ending.errors)")
            }
            #expect(try await cli.larkimg("tenant", "show", "far").status == 78)
        }
    }

    @Test("With --no-verify nothing is read: the reference may make sense in the service's environment alone")
    func unverified() async throws {
        try await withCLI { cli in
            let added = try await add(cli, "env:LARK_SECRET", ["--no-verify"])
            #expect(added.status == 0, "\(added.errors)")
            let token = try await cli.larkimg("token", "--tenant", "far")
            #expect(token.status == 78)
            #expect(token.errors.contains("To change it: larkimg tenant update far"), "\(token.errors)")
            let updated = try await cli.larkimg("tenant", "update", "far", "--no-verify")
            #expect(updated.status == 0, "\(updated.errors)")
            let extra = ["LARK_SECRET": CLIHarness.secret]
            #expect(try await cli.larkimg("token", "--tenant", "far", extra: extra).text.hasPrefix("t-"))
        }
    }

    @Test("show has the reference, the store never the secret, and a new secret needs no change")
    func life() async throws {
        try await withCLI { cli in
            let file = try cli.folder.write(Array(CLIHarness.secret.utf8), to: "app-secret").string
            let reference = "exec:cat \(file)"
            #expect(try await add(cli, reference).status == 0)
            #expect(try await cli.larkimg("tenant", "show", "far").text.contains("secret  \(reference)\n"))
            let line = try JSON.object(try await cli.larkimg("tenant", "show", "far", "--json").text)
            #expect(line["secret_from"] == .string(reference))
            let own = try JSON.object(try await cli.larkimg("tenant", "show", "acme", "--json").text)
            #expect(own["secret_from"] == nil)
            let found = try await cli.shell(
                "cd ../home && grep -r -a -c -e \(CLIHarness.secret) -e 'exec:cat' . | grep -v ':0'")
            #expect(found.output.isEmpty, "\(found.text)")

            cli.emulator.setSecret("canary-rotated", appID: CLIHarness.appID)
            try cli.folder.write(Array("canary-rotated".utf8), to: "app-secret")
            let refreshed = try await cli.larkimg("token", "--tenant", "far", "--refresh")
            #expect(refreshed.status == 0, "\(refreshed.errors)")
            let doctor = try await cli.larkimg("doctor").text
            #expect(doctor.contains("pass  secret far: it can be read from \(reference)\n"), "\(doctor)")

            let stored = try await cli.larkimg(
                "tenant", "update", "far", "--app-secret-file", "-", input: "canary-rotated")
            #expect(stored.status == 0, "\(stored.errors)")
            #expect(try await !cli.larkimg("tenant", "show", "far").text.contains("exec:"))
        }
    }

    @Test("A service reads references in its own environment, and tells clients nothing about them")
    func service() async throws {
        try await withCLI { cli in
            #expect(try await add(cli, "env:LARK_SECRET", ["--no-verify"]).status == 0)
            let ending = try await cli.servingOnSocket(extra: ["LARK_SECRET": CLIHarness.secret]) { service in
                let token = try await cli.larkimg(
                    "token", "--tenant", "far", "--auth-service", service.url, extra: ["LARKIMG_STORE": ""])
                #expect(token.text.hasPrefix("t-"), "\(token.errors)")
            }
            #expect(ending.status == 0, "\(ending.errors)")
            cli.emulator.setApp(.custom(CLIHarness.appID, secret: "another"))
            #expect(try await cli.larkimg("tenant", "update", "far", "--no-verify").status == 0)
            let without = try await cli.servingOnSocket { service in
                let refused = try await cli.shell(
                    """
                    curl -sS --unix-socket \(cli.socket) -H 'Content-Type: application/json' -d '{}' \
                        http://localhost/v1/tenants/far/token
                    """)
                #expect(refused.text.contains("cannot read the app_secret"), "\(refused.text) \(refused.errors)")
                #expect(!refused.text.contains("LARK_SECRET"), "\(refused.text)")
            }
            #expect(without.errors.contains("env:LARK_SECRET: the variable is not set"), "\(without.errors)")
        }
    }

    @Test("A store app's secret can be elsewhere too")
    func storeApp() async throws {
        try await withShop { cli in
            let file = try cli.folder.write(Array("canary-shop-secret\n".utf8), to: "shop-secret").string
            let updated = try await cli.larkimg("app", "update", "shop", "--app-secret-from", "file:\(file)")
            #expect(updated.status == 0, "\(updated.errors)")
            #expect(try await cli.larkimg("app", "show", "shop").text.contains("secret   file:\(file)\n"))
            let listed = try await cli.larkimg("app", "show", "shop", "--json")
            #expect(try JSON.object(listed.text)["secret_from"] == .string("file:\(file)"))
        }
    }
}
