#if PostgreSQL
import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("Commands on a store on a server", .timeLimit(.minutes(10)), .onServer)
struct FleetCommandTests {
    /// Runs a body with an empty database, which is reached through PgBouncer in transaction mode.
    private func withDatabase(_ name: String, _ body: (String) async throws -> Void) async throws {
        let server = try await PostgreSQLServer.shared
        try await server.psql("CREATE DATABASE \(name)")
        try await body(
            "postgres://larkimg@/\(name)?host=\(server.directory)&port=\(PostgreSQLServer.Route.bouncer.rawValue)")
        try await server.psql("DROP DATABASE \(name) WITH (FORCE)")
    }

    @Test("Tenants, tokens, images, checks and a new key: each command does what it does with a file")
    func commands() async throws {
        try await withDatabase("commands") { url in
            try await withCLI(on: url) { cli in
                let token = try await cli.larkimg("token", "--tenant", "acme")
                #expect(token.status == 0, "\(token.errors)")
                let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
                let fetched = try await cli.larkimg("fetch", "--tenant", "acme", key)
                #expect(fetched.status == 0 && fetched.text == "\(key).png\n", "\(fetched.errors)")
                for command in ["tenant list", "status", "doctor", "store path", "store check"] {
                    let ending = try await cli.larkimg(command.split(separator: " ").map(String.init))
                    #expect(ending.status == 0, "\(command): \(ending.text) \(ending.errors)")
                    #expect(!ending.text.contains(CLIHarness.secret))
                }
                #expect(try await cli.larkimg("status").text.contains("1 + 0 of 50/s"))
                let rotated = try await cli.larkimg("store", "rotate-key")
                #expect(rotated.status == 0, "\(rotated.errors)")
                #expect(try await cli.larkimg("token", "--tenant", "acme").output == token.output)
                #expect(cli.tokenCalls == 1)
                #expect(try await cli.larkimg("tenant", "remove", "acme").status == 0)
            }
        }
    }

    @Test("A backup of a server is refused with what to use instead")
    func backup() async throws {
        try await withDatabase("backup") { url in
            try await withCLI(on: url) { cli in
                let ending = try await cli.larkimg("store", "backup", "copy.sqlite")
                #expect(ending.status == 73)
                #expect(ending.errors.contains("pg_dump"), "\(ending.errors)")
                #expect(try cli.files().isEmpty)
            }
        }
    }

    @Test("A server that is not there is one error, and status 75")
    func noServer() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "token", "--tenant", "acme", "--store", "postgres://larkimg@/none?host=/nonexistent")
            #expect(ending.status == 75)
            #expect(ending.errors.split(separator: "\n").count == 2, "\(ending.errors)")
        }
    }

    @Test("A store moves to a server and back; a copy that is killed continues, and is no store until it is complete")
    func copy() async throws {
        try await withDatabase("copied") { url in
            try await withCLI { cli in
                let added = try await cli.shell(
                    """
                    set -e
                    for n in $(seq 40); do
                        printf s | larkimg tenant add t$n --app-id cli_$n --app-secret-file - --no-verify
                        larkimg client add c$n --tenants acme,t$n >/dev/null
                    done
                    """)
                try #require(added.status == 0, "\(added.errors)")
                let token = try await cli.larkimg("token", "--tenant", "acme").output
                let file = cli.environment["LARKIMG_STORE"] ?? ""
                var interrupted = 0
                // Later and later, until it gets to its end.
                for call in sequence(first: 5, next: { $0 + 50 }) {
                    let ending = try await cli.larkimg(
                        "store", "copy", file, url,
                        wrapper: [
                            "timeout", "60", "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                            "inject=sendto:signal=SIGKILL:when=\(call)",
                        ])
                    // Killed in its last step, it is complete, and refused the next time.
                    if ending.status == 0 || ending.status == 73 { break }
                    let early = try await cli.larkimg("token", "--tenant", "acme", "--store", url)
                    #expect(early.output == (early.status == 0 ? token : []), "\(early.errors)")
                    if early.errors.contains("a copy of a store that is not complete") { interrupted += 1 }
                }
                #expect(interrupted > 2)
                #expect(try await cli.larkimg("token", "--tenant", "acme", "--store", url).output == token)
                let again = try await cli.larkimg("store", "copy", file, url)
                #expect(again.status == 73)
                let back = try await cli.larkimg("store", "copy", url, "back.sqlite", "--json")
                #expect(back.text == #"{"findings":[],"tenants":41}"# + "\n", "\(back.errors)")
                #expect(try await cli.larkimg("token", "--tenant", "acme", "--store", "back.sqlite").output == token)
                #expect(cli.tokenCalls == 1)
            }
        }
    }
}
#endif
