import AsyncHTTPClient
import FoundationEssentials
import Glibc
import LarkEmulator
import NIOCore
import NIOHTTP1
import SystemPackage
import TestSupport
import Testing

/// Runs that are long enough for a data race to show itself. `scripts/test --long` runs them for longer.
@Suite("Under sustained load larkimg never crashes", .serialized, .timeLimit(.minutes(60)))
struct SustainedLoadTests {
    private static let tenants = 50

    /// Runs a body with as many tenants as apps, each with a quota that no test reaches.
    private func withTenants(_ body: (CLIHarness) async throws -> Void) async throws {
        try await withCLI {
            $0.apps += (1...Self.tenants).map { .custom("cli_\($0)", secret: "secret") }
        } _: { cli in
            let added = try await cli.shell(
                """
                set -e
                for n in $(seq \(Self.tenants)); do
                    printf secret | larkimg tenant add t$n --app-id cli_$n --app-secret-file - \
                        --host \(cli.platform) --quota 1000/s,10000/m --no-verify
                done
                """)
            try #require(added.status == 0, "\(added.errors)")
            try await body(cli)
        }
    }

    @Test("A list of 2,000 images of 50 tenants, again and again")
    func manyTenants() async throws {
        try await withTenants { cli in
            let lines = (0..<2000)
                .map { number in
                    let tenant = number % Self.tenants + 1
                    return "t\(tenant)\t\(cli.emulator.seedImage(appID: "cli_\(tenant)", bytes: SampleImages.png))\n"
                }
            try cli.folder.write(Array(lines.joined().utf8), to: "work/list")
            for run in 1...10 * TestLength.factor {
                let ending = try await cli.larkimg("fetch", "-q", "-i", "list", "-d", "out\(run)")
                try #require(ending.status == 0, "run \(run): \(ending.errors)")
                #expect(ending.lines.count == 2000)
                try FileManager.default.removeItem(atPath: cli.folder.appending("work/out\(run)").string)
                cli.emulator.clearJournal()
            }
        }
    }

    @Test("Eight clients of the service that ask for tokens and quota")
    func service() async throws {
        try await withTenants { cli in
            let socket = cli.socket
            let end = ContinuousClock.now + .seconds(TestLength.factor == 1 ? 20 : 600)
            let ending = try await cli.servingOnSocket("--client-rate", "1000000", "--audit-log", "audit") { _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for client in 1...8 {
                        group.addTask {
                            var count = client
                            while ContinuousClock.now < end {
                                let tenant = "t\(count % Self.tenants + 1)"
                                try await Self.post("/v1/tenants/\(tenant)/token", "{}", to: socket)
                                try await Self.post(
                                    "/v1/tenants/\(tenant)/quota", #"{"api":"im/v1/images","count":10}"#, to: socket)
                                count += 1
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(ending.status == 0, "\(ending.errors.suffix(20_000))")
        }
    }

    /// Sends a request to a service and expects a response with the status 200.
    private static func post(_ path: String, _ body: String, to socket: String) async throws {
        let address = try #require(URL(httpURLWithSocketPath: socket, uri: path))
        var request = HTTPClientRequest(url: address.absoluteString)
        request.method = .POST
        request.headers.add(name: "Host", value: "localhost")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        _ = try await response.body.collect(upTo: 1 << 20)
        try #require(response.status == .ok, "\(path): \(response.status)")
    }

    @Test("200 fetches of two images each, through the service")
    func fetchesThroughService() async throws {
        try await withCLI { cli in
            let keys = (1...2).map { _ in cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png) }
            let ending = try await cli.servingOnSocket { service in
                let environmentWithoutStore = try cli.environmentWithoutStore()
                    .merging(["LARKIMG_AUTH_SERVICE": service.url]) { $1 }
                for _ in 1...200 * TestLength.factor {
                    let fetched = try await cli.larkimg(
                        ["fetch", "--tenant", "acme", "--overwrite"] + keys, extra: environmentWithoutStore)
                    try #require(fetched.status == 0, "\(fetched.errors)")
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("A crash of the installed program prints no report, which could hold a secret")
    func crashReport() async throws {
        try await withCLI { cli in
            // As for users, SWIFT_BACKTRACE is not set.
            let ending = try await cli.shell(
                "unset SWIFT_BACKTRACE; exec larkimg serve --listen 127.0.0.1:0 --port-file port"
            ) { pid in
                try await eventually { access(cli.folder.appending("work/port").string, F_OK) == 0 }
                kill(pid, SIGSEGV)
            }
            #expect(ending.status == 128 + SIGSEGV)
            // At most the line that it serves, which may come after the port file.
            #expect(ending.errors.split(separator: "\n").count <= 1, "\(ending.errors)")
            #expect(!ending.errors.contains("crashed"))
        }
    }

    @Test("A crash leaves no core dump, which would hold secrets; a program run by exec keeps the limit of its user")
    func coreDump() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(
                "unset SWIFT_BACKTRACE; ulimit -c unlimited; exec larkimg serve --listen 127.0.0.1:0 --port-file port"
            ) { pid in
                try await eventually { access(cli.folder.appending("work/port").string, F_OK) == 0 }
                let limits = try String(contentsOf: URL(filePath: "/proc/\(pid)/limits"), encoding: .utf8)
                let line = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
                #expect(line?.split(whereSeparator: \.isWhitespace).dropFirst(4).first == "0", "\(limits)")
                kill(pid, SIGSEGV)
            }
            #expect(ending.status == 128 + SIGSEGV)
            #expect(try cli.files().filter { $0.hasPrefix("core") }.isEmpty)
            let program = try await cli.shell("ulimit -S -c 7; larkimg exec --tenant acme -- bash -c 'ulimit -c'")
            #expect(program.text == "7\n", "\(program.errors)")
        }
    }
}
