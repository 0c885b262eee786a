import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Each client of the service gets the tokens of its own tenants", .timeLimit(.minutes(30)))
struct ServiceIsolationTests {
    private static let names = (0..<12 * min(TestLength.factor, 8)).map { "t\($0 + 100)" }
    /// As long as the names that exist.
    private static let unknown = "t---"

    /// A client that asks for the token of a tenant.
    private struct Pair: Hashable {
        let client: String
        let tenant: String
    }

    @Test("Of all pairs of clients and tenants, one's own alone is answered; a tenant of others looks like none")
    func matrix() async throws {
        try await withCLI {
            $0.apps += Self.names.map { .custom("cli_\($0)", secret: "secret") }
        } _: { cli in
            let added = try await cli.shell(
                """
                set -e
                for name in \(Self.names.joined(separator: " ")); do
                    printf secret | larkimg tenant add $name --app-id cli_$name --app-secret-file - \
                        --host \(cli.platform) --no-verify >/dev/null
                    larkimg client add client-$name --tenants $name 2>/dev/null | head -n 1
                done
                """)
            try #require(added.status == 0, "\(added.errors)")
            let secrets = Dictionary(uniqueKeysWithValues: zip(Self.names, added.lines))
            let ending = try await cli.servingOnPort("--client-rate", "1000000", "--audit-log", "audit") { _, port in
                let responses = try await askAll(port: port, secrets: secrets)
                for (pair, response) in responses where pair.client == pair.tenant {
                    let own = try await cli.larkimg("token", "--tenant", pair.tenant)
                    #expect(response.status == 200)
                    #expect(own.text.hasPrefix("t-g1") && response.text.contains("\"\(own.lines[0])\""))
                }
                for (pair, response) in responses where pair.client != pair.tenant {
                    let unknown = try #require(responses[Pair(client: pair.client, tenant: Self.unknown)])
                    #expect(response.status == 404)
                    #expect(response.withoutDate.fields == unknown.withoutDate.fields)
                    #expect(response.text == unknown.text.replacing(Self.unknown, with: pair.tenant))
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(cli.tokenCalls == Self.names.count)
        }
    }

    /// Asks for the token of every tenant, and of one that does not exist, as every client.
    private func askAll(port: Int, secrets: [String: String]) async throws -> [Pair: RawResponse] {
        try await withThrowingTaskGroup(of: [Pair: RawResponse].self) { group in
            for (client, secret) in secrets {
                group.addTask {
                    try await RawConnection.open(.port(port)) { connection in
                        var responses: [Pair: RawResponse] = [:]
                        for tenant in (Self.names + [Self.unknown]).shuffled() {
                            let request = RawRequest.token(tenant, host: "127.0.0.1:\(port)", secret: secret)
                            try await connection.send(request.bytes)
                            responses[Pair(client: client, tenant: tenant)] = try await connection.response()
                        }
                        return responses
                    }
                }
            }
            return try await group.reduce(into: [:]) { $0.merge($1) { one, _ in one } }
        }
    }

    @Test(
        "Another user of this machine gets no token over the socket, even where somebody opened it to all",
        .enabled(if: geteuid() == 0))
    func otherUsers() async throws {
        try await withCLI { cli in
            chmod(cli.folder.path.string, 0o755)
            let ending = try await cli.servingOnSocket("--audit-log", "audit") { _ in
                let ask = """
                    exec setpriv --reuid 65534 --regid 65534 --clear-groups curl -sS --unix-socket \(cli.socket) \
                        -H 'Content-Type: application/json' -d '{}' http://localhost/v1/tenants/acme/token
                    """
                // 7: could not connect.
                #expect(try await cli.shell(ask).status == 7)
                chmod(cli.folder.appending("run").string, 0o755)
                chmod(cli.socket, 0o666)
                let opened = try await cli.shell(ask)
                #expect(!opened.text.contains("t-g1"), "\(opened.text)")
            }
            #expect(ending.status == 0, "\(ending.errors)")
            let audit = String(decoding: try cli.folder.read("work/audit"), as: UTF8.self)
            #expect(audit.contains(#""audit":"connection","result":"unauthorized","who":"uid 65534""#), "\(audit)")
        }
    }
}
