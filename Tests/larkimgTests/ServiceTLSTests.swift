import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite("larkimg serve over TLS", .timeLimit(.minutes(10)))
struct ServiceTLSTests {
    /// Two authorities, `ca` and `evil`; the first one issues `server` and `client`, the second one `stranger`.
    private static let certificates = """
        set -e
        key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc)
        echo subjectAltName=IP:127.0.0.1,DNS:localhost >names
        for name in ca evil; do
            openssl req -x509 "${key[@]}" -keyout $name.key -out $name.pem -days 2 -subj "/CN=larkimg $name" \
                -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
        done
        for pair in server:ca client:ca stranger:evil; do
            name=${pair%:*} authority=${pair#*:}
            openssl req "${key[@]}" -keyout $name.key -out $name.csr -subj "/CN=$name"
            openssl x509 -req -in $name.csr -out $name.pem -days 2 -CA $authority.pem -CAkey $authority.key \
                -CAcreateserial -extfile names
        done
        cp server.pem shown.pem
        cp server.key shown.key
        """

    /// A cli whose directory holds the certificates, and the secret of a client.
    private func withCertificates(_ body: (CLIHarness, String) async throws -> Void) async throws {
        try await withCLI { cli in
            let made = try await cli.shell(Self.certificates)
            try #require(made.status == 0, "\(made.errors)")
            try await body(cli, try await cli.addClient("script", tenants: "acme"))
        }
    }

    /// The status of a request for a token by curl, which trusts an authority; 0 where there is no response.
    private func status(
        _ cli: CLIHarness, _ port: Int, secret: String = "none", trusting authority: String = "ca",
        as certificate: String? = nil
    ) async throws -> Int? {
        let own = certificate.map { "--cert \($0).pem --key \($0).key" } ?? ""
        let ending = try await cli.shell(
            """
            curl -s -o /dev/null -w '%{http_code}' --cacert \(authority).pem \(own) \
                -H 'Authorization: Bearer \(secret)' -H 'Content-Type: application/json' -d '{}' \
                https://127.0.0.1:\(port)/v1/tenants/acme/token
            """)
        return Int(ending.text)
    }

    @Test("TLS 1.2 and 1.3 are spoken, older versions and plain HTTP are not")
    func versions() async throws {
        try await withCertificates { cli, secret in
            _ = try await cli.servingOnPort("--tls-cert", "shown.pem", "--tls-key", "shown.key") { _, port in
                for (version, isSpoken) in ["tls1": false, "tls1_1": false, "tls1_2": true, "tls1_3": true] {
                    // So that nothing is too weak for openssl itself.
                    let ending = try await cli.shell(
                        """
                        openssl s_client -connect 127.0.0.1:\(port) -\(version) -cipher DEFAULT@SECLEVEL=0 \
                            -CAfile ca.pem </dev/null
                        """)
                    let agrees = ending.status == 0 && !ending.text.contains("Cipher is (NONE)")
                    #expect(agrees == isSpoken, "\(version): \(ending.text) \(ending.errors)")
                }
                let request = RawRequest.token("acme", host: "127.0.0.1:\(port)", secret: secret).last
                let plain = try await RawConnection.exchange(request.bytes, with: .port(port))
                #expect(plain.responses.isEmpty)
                #expect(try await status(cli, port, secret: secret) == 200)
            }
        }
    }

    @Test("With --client-ca a client needs a certificate of that authority, and its secret")
    func clientCertificates() async throws {
        try await withCertificates { cli, secret in
            _ = try await cli.servingOnPort(
                "--tls-cert", "shown.pem", "--tls-key", "shown.key", "--client-ca", "ca.pem"
            ) { _, port in
                let without = try await status(cli, port, secret: secret)
                #expect(without == 0)
                #expect(try await status(cli, port, secret: secret, as: "stranger") == 0)
                #expect(try await status(cli, port, secret: secret, as: "client") == 200)
                #expect(try await status(cli, port, as: "client") == 401)
            }
        }
    }

    @Test("An idle connection does not delay SIGTERM, even if its client does not confirm the end")
    func drain() async throws {
        try await withCertificates { cli, _ in
            let ending = try await cli.servingOnPort("--tls-cert", "shown.pem", "--tls-key", "shown.key") {
                service, port in
                let client = """
                    mkfifo input
                    openssl s_client -connect 127.0.0.1:\(port) -CAfile ca.pem <input >client.log 2>&1 &
                    exec 3>input
                    echo $! >client.pid
                    wait
                    """
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await cli.shell(client) }
                    try await eventually {
                        let log = try? cli.folder.read("work/client.log")
                        return log.map { String(decoding: $0, as: UTF8.self).contains("Verify return code") } ?? false
                    }
                    let text = String(decoding: try cli.folder.read("work/client.pid"), as: UTF8.self)
                    let pid = try #require(Int32(text.prefix { $0.isNumber }))
                    // Stopped, it does not take part in closing the connection.
                    kill(pid, SIGSTOP)
                    let start = ContinuousClock.now
                    kill(service.pid, SIGTERM)
                    try await eventually { kill(service.pid, 0) != 0 || isZombie(service.pid) }
                    // SwiftNIO waits five seconds for the client by default.
                    #expect(ContinuousClock.now - start < .seconds(5))
                    kill(pid, SIGKILL)
                    try await group.waitForAll()
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    private func isZombie(_ pid: Int32) -> Bool {
        let status = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/stat"))
        return status.map { String(decoding: $0, as: UTF8.self).contains(") Z ") } ?? true
    }

    @Test("Connections that never finish the handshake are closed, and cost other addresses nothing")
    func slowHandshakes() async throws {
        try await withCertificates { cli, secret in
            let ending = try await cli.servingOnPort(
                "--tls-cert", "shown.pem", "--tls-key", "shown.key", "--max-connections", "40"
            ) { _, port in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...60 {
                        group.addTask {
                            try await RawConnection.open(.port(port), from: "127.5.0.\(number % 2 + 1)") { connection in
                                // The beginning of a ClientHello.
                                if number.isMultiple(of: 3) { try? await connection.send([0x16, 0x03, 0x01]) }
                                // Returns when the service closes the connection.
                                _ = await connection.readToEnd()
                            }
                        }
                    }
                    for _ in 1...3 { #expect(try await status(cli, port, secret: secret) == 200) }
                    try await group.waitForAll()
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("After SIGHUP a new certificate is shown; one that cannot be read leaves the one before in place")
    func reload() async throws {
        try await withCertificates { cli, secret in
            // In a file its warnings can be waited for.
            let wrapper = ["/bin/sh", "-c", "exec \"$@\" 2>serve.log", "sh"]
            let ending = try await cli.servingOnPort(
                "--tls-cert", "shown.pem", "--tls-key", "shown.key", wrapper: wrapper
            ) { service, port in
                #expect(try await status(cli, port, secret: secret) == 200)
                _ = try await cli.shell("cp stranger.pem shown.pem; cp stranger.key shown.key")
                kill(service.pid, SIGHUP)
                try await eventually { try await status(cli, port, secret: secret, trusting: "evil") == 200 }
                try cli.folder.write(Array("no certificate".utf8), to: "work/shown.pem")
                kill(service.pid, SIGHUP)
                try await eventually {
                    String(decoding: try cli.folder.read("work/serve.log"), as: UTF8.self).contains("certificate")
                }
                #expect(try await status(cli, port, secret: secret, trusting: "evil") == 200)
                _ = try await cli.shell("cp server.pem shown.pem; cp server.key shown.key")
                kill(service.pid, SIGHUP)
                try await eventually { try await status(cli, port, secret: secret) == 200 }
            }
            #expect(ending.status == 0)
        }
    }
}
