import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("A service in operation", .timeLimit(.minutes(10)))
struct ServiceOperationTests {

    private func log(of cli: CLIHarness) throws -> String {
        String(decoding: try cli.folder.read("work/serve.log"), as: UTF8.self)
    }

    private func status(of request: RawRequest, at address: RawConnection.Address) async throws -> Int? {
        try await RawConnection.exchange(request.last.bytes, with: address).responses.first?.status
    }

    @Test("One service listens on a Unix socket and on TCP, each with its own rules")
    func bothAddresses() async throws {
        try await withCLI { cli in
            let secret = try await cli.addClient("reports", tenants: "acme")
            let ending = try await cli.servingOnPort("--socket", cli.socket) { service, port in
                let direct = try await status(of: .token("acme"), at: .socket(cli.socket))
                #expect(direct == 200)
                let host = "127.0.0.1:\(port)"
                #expect(try await status(of: .token("acme", host: host), at: .port(port)) == 401)
                #expect(try await status(of: .token("acme", host: host, secret: secret), at: .port(port)) == 200)
                // The counters of the service are for peers of the socket only.
                for (address, request) in [
                    (RawConnection.Address.socket(cli.socket), RawRequest.get("/metrics")),
                    (.port(port), .get("/metrics", host: host, secret: secret)),
                ] {
                    let text = try await RawConnection.exchange(request.last.bytes, with: address).text
                    #expect(text.contains("larkimg_tokens_total{"))
                    let isSocket = if case .socket = address { true } else { false }
                    for name in ["larkimg_connections ", "larkimg_platform_requests_total{", "larkimg_events_total"] {
                        #expect(text.contains(name) == isSocket, "\(name)")
                    }
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.errors.contains("on \(cli.socket) to root, uid "))
            #expect(ending.errors.contains("on http://127.0.0.1:"))
            #expect(cli.tokenCalls == 1)
        }
    }

    @Test("An address that is taken stops the whole service")
    func oneAddressTaken() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "serve", "--socket", cli.socket, "--listen", "127.0.0.1:\(cli.port)")
            #expect(ending.status == 69, "\(ending.errors)")
            #expect(ending.errors.contains("cannot listen on"))
            #expect(access(cli.socket, F_OK) != 0)
        }
    }

    @Test("After SIGHUP audit lines go to a new file")
    func rotation() async throws {
        try await withCLI { cli in
            let ending = try await cli.servingOnSocket("--audit-log", "audit") { service in
                func lines(_ name: String) throws -> Int {
                    String(decoding: try cli.folder.read("work/\(name)"), as: UTF8.self).split(separator: "\n").count
                }
                #expect(try await status(of: .token("acme"), at: .socket(cli.socket)) == 200)
                _ = try await cli.shell("mv audit audit.1")
                #expect(try await status(of: .token("acme"), at: .socket(cli.socket)) == 200)
                #expect(try lines("audit.1") == 2)
                kill(service.pid, SIGHUP)
                try await eventually { access(cli.folder.appending("work/audit").string, F_OK) == 0 }
                try await eventually {
                    #expect(try await status(of: .token("acme"), at: .socket(cli.socket)) == 200)
                    return try lines("audit") > 0
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("A service whose store is replaced ends with an error, and does not serve the old content")
    func replacedStore() async throws {
        try await withCLI { cli in
            let ending = try await cli.servingOnSocket(signal: 0) { service in
                #expect(try await status(of: .token("acme"), at: .socket(cli.socket)) == 200)
                let replaced = try await cli.shell(
                    "larkimg store backup \"$HOME/home/copy\" && mv \"$HOME/home/copy\" \"$LARKIMG_STORE\"")
                #expect(replaced.status == 0, "\(replaced.errors)")
                try await eventually { !cli.isServed }
            }
            #expect(ending.status == 78, "\(ending.errors)")
            #expect(ending.errors.contains("was renamed or replaced"), "\(ending.errors)")
        }
    }

    @Test("SIGHUP while the service starts does not kill it")
    func earlySignal() async throws {
        try await withCLI { cli in
            // While the store is locked, the service cannot finish its start.
            let locked = cli.folder.appending("work/locked").string
            let unlock = cli.folder.appending("work/unlock").string
            async let lock = cli.shell(
                """
                mkfifo unlock
                { echo 'BEGIN EXCLUSIVE; SELECT 1;'; echo '.shell touch locked'; cat unlock; } |
                    sqlite3 "$LARKIMG_STORE"
                """)
            try await eventually { access(locked, F_OK) == 0 }
            let store = cli.folder.appending("home/store.sqlite").string
            let ending = try await cli.larkimg(["serve", "--socket", cli.socket]) { pid in
                defer { kill(pid, SIGTERM) }
                try await eventually {
                    let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
                    return files.contains {
                        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")) == store
                    }
                }
                kill(pid, SIGHUP)
                let end = try FileDescriptor.open(FilePath(unlock), .writeOnly)
                try end.close()
                try await eventually { cli.isServed }
            }
            #expect(ending.status == 0, "\(ending.errors)")
            _ = try await lock
        }
    }

    @Test("Connections that wait to be accepted when SIGTERM arrives are answered")
    func acceptQueue() async throws {
        try await withCLI { cli in
            let ending = try await cli.servingOnSocket(signal: 0) { service in
                let first = try await status(of: .token("acme"), at: .socket(cli.socket))
                #expect(first == 200)
                kill(service.pid, SIGSTOP)
                // A stopped process would never end.
                defer { kill(service.pid, SIGCONT) }
                try await withThrowingTaskGroup(of: Int?.self) { group in
                    for _ in 1...20 {
                        group.addTask {
                            try await RawConnection.open(.socket(cli.socket)) { connection in
                                try await connection.send(RawRequest.token("acme").last.bytes)
                                return try await connection.response().status
                            }
                        }
                    }
                    // The kernel lists the connections of a socket with its path.
                    try await eventually {
                        let count = try await cli.shell("grep -c ' \(cli.socket)$' /proc/net/unix").text
                        return Int(count.prefix { $0.isNumber }) ?? 0 > 20
                    }
                    kill(service.pid, SIGTERM)
                    kill(service.pid, SIGCONT)
                    for try await status in group { #expect(status == 200) }
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("The group of the socket is the one that was named, or that of the user alone", .enabled(if: geteuid() == 0))
    func socketGroup() async throws {
        try await withCLI { cli in
            @Sendable func isRefused(_ groups: String) async throws -> Bool {
                let ask = """
                    exec setpriv --reuid 65534 --regid 65534 \(groups) curl -sS --unix-socket \(cli.socket) \
                        -H 'Content-Type: application/json' -d '{}' http://localhost/v1/tenants/acme/token
                    """
                return try await !cli.shell(ask).text.contains("t-g1")
            }
            chmod(cli.folder.path.string, 0o755)
            let named = try await cli.servingOnSocket("--socket-group", "24005") { _ in
                #expect(mode(cli.socket) == 0o660)
                let isMemberRefused = try await isRefused("--groups 24005")
                #expect(!isMemberRefused)
                #expect(try await isRefused("--clear-groups"))
            }
            #expect(named.status == 0, "\(named.errors)")
            _ = try await cli.shell("rm -r \(cli.folder.appending("run"))")
            // Its primary group is that of many users.
            let shared = try await cli.larkimg(
                ["serve", "--socket", cli.socket], wrapper: ["setpriv", "--regid", "100", "--clear-groups"]
            ) { pid in
                defer { kill(pid, SIGTERM) }
                try await eventually { cli.isServed }
                #expect(mode(cli.socket) == 0o600)
            }
            #expect(shared.status == 0, "\(shared.errors)")
            let unknown = try await cli.larkimg("serve", "--socket", cli.socket, "--socket-group", "nosuch")
            #expect(unknown.status == 64)
        }
    }

    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("With few descriptors the service lowers its limit, and renewals still find one")
    func fewDescriptors() async throws {
        try await withCLI { cli in
            let secret = try await cli.addClient("reports", tenants: "acme")
            let few = ["/bin/sh", "-c", "ulimit -n 256; exec \"$@\" 2>serve.log", "sh"]
            let ending = try await cli.servingOnPort(wrapper: few) { service, port in
                let warnings = try log(of: cli)
                #expect(warnings.contains("descriptors: 256"), "\(warnings)")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...300 {
                        group.addTask {
                            try await RawConnection.open(.port(port), from: "127.3.0.\(number % 20 + 1)") {
                                connection in
                                // Returns when the service closes the connection.
                                _ = await connection.readToEnd()
                            }
                        }
                    }
                    try await eventually {
                        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(service.pid)/fd").count > 150
                    }
                    let updated = try await cli.larkimg(
                        "tenant", "update", "acme", "--app-secret-file", "-", "--no-verify", input: CLIHarness.secret)
                    #expect(updated.status == 0, "\(updated.errors)")
                    let request = RawRequest.token("acme", host: "127.0.0.1:\(port)", secret: secret)
                    #expect(try await status(of: request, at: .port(port)) == 200)
                    try await group.waitForAll()
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }
}
