import Glibc
import TestSupport
import Testing

@Suite("Commands that use an auth service", .timeLimit(.minutes(10)))
struct ServiceClientTests {
    @Test("More clients at once than the service accepts in a second all get their token")
    func herd() async throws {
        try await withCLI { cli in
            let ending = try await cli.servingOnSocket("--audit-log", "audit", "--client-rate", "5") { service in
                let herd = try await cli.shell(
                    """
                    for i in {1..20}; do larkimg token --tenant acme >token$i & jobs+=($!); done
                    for job in "${jobs[@]}"; do wait $job || exit; done
                    """,
                    extra: try cli.environmentWithoutStore().merging(["LARKIMG_AUTH_SERVICE": service.url]) { $1 })
                #expect(herd.status == 0, "\(herd.errors)")
                #expect(cli.tokenCalls == 1)
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("A user that may not use the socket learns it at once, with the group to join", .enabled(if: geteuid() == 0))
    func deniedUser() async throws {
        try await withCLI { cli in
            let ending = try await cli.servingOnSocket("--audit-log", "audit") { service in
                let denied = try await cli.larkimg(
                    "token", "--tenant", "acme", "--auth-service", service.url,
                    extra: ["LARKIMG_STORE": "", "LARKIMG_AUTH_SERVICE": ""],
                    wrapper: ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"])
                #expect(denied.status == 77, "\(denied.errors)")
                #expect(denied.errors.contains("permission denied"), "\(denied.errors)")
                #expect(denied.errors.contains("usermod -a -G"), "\(denied.errors)")
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("One of the two files of a client certificate alone is a mistake")
    func halfCertificate() async throws {
        try await withCLI { cli in
            for name in ["LARKIMG_AUTH_CERT_FILE", "LARKIMG_AUTH_KEY_FILE"] {
                let ending = try await cli.larkimg(
                    "token", "--tenant", "acme", "--auth-service", "https://127.0.0.1:1",
                    extra: ["LARKIMG_STORE": "", name: "x.pem"])
                #expect(ending.status == 64)
                #expect(ending.errors.contains("consists of two files"), "\(ending.errors)")
            }
        }
    }
}

@Suite("How commands reach the platform", .timeLimit(.minutes(5)))
struct NetworkOptionsTests {
    private func add(
        _ cli: CLIHarness, _ arguments: [String], extra: [String: String] = [:]
    ) async throws -> BuiltProgram.Ending {
        let command = ["tenant", "add", "far", "--app-id", "cli_x", "--app-secret-file", "-"]
        return try await cli.larkimg(
            command + ["--host", "https://platform.invalid"] + arguments, input: "canary-secret", extra: extra)
    }

    @Test(
        "The proxy is the one of the option, else of the environment, and none for excepted hosts",
        arguments: [
            (["HTTPS_PROXY": "http://u:canary@127.0.0.1:1"], [], true), (["https_proxy": "127.0.0.1:1"], [], true),
            (["ALL_PROXY": "http://127.0.0.1:1"], [], true), (["HTTP_PROXY": "http://127.0.0.1:1"], [], false),
            ([:], ["--proxy", "http://127.0.0.1:1"], true),
            (["HTTPS_PROXY": "http://127.0.0.1:1"], ["--proxy", "none"], false),
            (["HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": ".invalid"], [], false),
        ] as [([String: String], [String], Bool)])
    func proxy(_ environment: [String: String], _ arguments: [String], _ isUsed: Bool) async throws {
        try await withCLI { cli in
            let ending = try await add(cli, arguments, extra: environment)
            #expect(ending.status == 69, "\(ending.errors)")
            let text =
                isUsed
                ? "https://platform.invalid cannot be reached through the proxy http://127.0.0.1:1: connection refused"
                : "the name platform.invalid could not be resolved"
            #expect(ending.errors.contains(text), "\(ending.errors)")
            #expect(!ending.errors.contains("canary"))
        }
    }

    @Test("A proxy in another form is refused without its password")
    func invalidProxy() async throws {
        try await withCLI { cli in
            let ending = try await add(cli, ["--proxy", "socks5://u:canary@127.0.0.1:1"])
            #expect(ending.status == 64)
            #expect(
                ending.errors.contains("is not a valid proxy") && !ending.errors.contains("canary"), "\(ending.errors)")
        }
    }

    @Test("SSL_CERT_FILE that does not exist is an error of configuration, which names it")
    func missingCertificates() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "token", "--tenant", "acme", extra: ["SSL_CERT_FILE": "/nonexistent/ca.pem"])
            #expect(ending.status == 78)
            #expect(ending.errors.contains("'/nonexistent/ca.pem' does not exist"), "\(ending.errors)")
            #expect(ending.errors.contains("SSL_CERT_FILE"))
        }
    }

    @Test("Too few file descriptors are an error with the number to allow", arguments: [8, 16, 31])
    func fewDescriptors(_ limit: Int) async throws {
        try await withCLI { cli in
            let ending = try await cli.shell("ulimit -n \(limit); larkimg token --tenant acme")
            #expect(ending.status == 71)
            #expect(ending.errors.contains("the limit of \(limit) open files is too low"), "\(ending.errors)")
        }
    }
}
