import FoundationEssentials
import Glibc
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite(
    "TLS is not optional", .enabled(if: access("/usr/bin/openssl", X_OK) == 0, "openssl makes the certificates"),
    .timeLimit(.minutes(2)))
struct TransportSecurityTests {
    private func token(
        from url: String, trusting certificate: String? = nil, usesHTTP2: Bool = false
    ) async throws -> TenantAccessToken {
        var connections = LarkClient.Connections()
        connections.trustedCertificates = certificate
        connections.usesHTTP2 = usesHTTP2
        return try await LarkClient.withClient(limits: .patient, connections: connections) { client in
            try await client.tenantAccessToken(
                appID: AppID("cli_a"), appSecret: Secret("canary-secret"), host: LarkHost(url))
        }
    }

    @Test("A certificate that no authority has signed is refused, and nothing is sent; one that is named is trusted")
    func selfSigned() async throws {
        try await withTLSEmulator(names: "DNS:localhost,IP:127.0.0.1") { emulator, port, certificate in
            for name in ["localhost", "127.0.0.1"] {
                let error = await #expect(throws: LarkError.self) { try await token(from: "https://\(name):\(port)") }
                #expect(error?.kind == .unreachable, "\(String(describing: error))")
                #expect(
                    error?.summary.hasSuffix("its certificate is not trusted here (CERTIFICATE_VERIFY_FAILED)") == true,
                    "\(error?.description ?? "")")
                #expect(error?.remedy?.description.contains("issuer") == true)
                #expect(error?.isRetryable == false)
            }
            #expect(emulator.journal.isEmpty)
            for usesHTTP2 in [false, true] {
                let token = try await self.token(
                    from: "https://localhost:\(port)", trusting: certificate, usesHTTP2: usesHTTP2)
                #expect(token.remaining(at: .now) > .seconds(7000))
            }
        }
    }

    @Test("A certificate for another host is refused, also if its issuer is trusted")
    func otherHost() async throws {
        try await withTLSEmulator(names: "DNS:other.test") { emulator, port, certificate in
            let error = await #expect(throws: LarkError.self) {
                try await token(from: "https://localhost:\(port)", trusting: certificate)
            }
            #expect(error?.summary.hasSuffix("its certificate is for another host") == true, "\(error as Any)")
            #expect(error?.isRetryable == false)
            #expect(emulator.journal.isEmpty)
        }
    }

    @Test("A certificate that has expired is refused, also if its issuer is trusted")
    func expired() async throws {
        try await withTLSEmulator(names: "DNS:localhost", dates: "20200101000000Z 20200102000000Z") {
            emulator, port, certificate in
            let error = await #expect(throws: LarkError.self) {
                try await token(from: "https://localhost:\(port)", trusting: certificate)
            }
            #expect(error?.summary.contains("its certificate is not trusted here") == true, "\(error as Any)")
            #expect(emulator.journal.isEmpty)
        }
    }

    @Test("A server that closes the connection in the handshake is unreachable, and may be tried again")
    func closedInHandshake() async throws {
        try await ClosingServer.with { port in
            let error = await #expect(throws: LarkError.self) { try await token(from: "https://127.0.0.1:\(port)") }
            #expect(error?.kind == .unreachable)
            #expect(error?.isRetryable == true)
            #expect(
                error?.summary.contains("closed the connection during the TLS handshake") == true, "\(error as Any)")
        }
    }

    @Test("A server without TLS is refused")
    func plainServer() async throws {
        try await withEmulator { emulator, port in
            let error = await #expect(throws: LarkError.self) { try await token(from: "https://127.0.0.1:\(port)") }
            #expect(error?.kind == .unreachable, "\(String(describing: error))")
            #expect(error?.summary.contains("it does not use TLS") == true, "\(error?.summary ?? "")")
            #expect(emulator.journal.isEmpty)
        }
    }

    @Test("A file of trusted certificates that cannot be used is named, and nothing is sent")
    func trustedCertificates() async throws {
        try await withTemporaryFolder { folder in
            let junk = "\(try folder.write(Array("junk".utf8), to: "junk.pem"))"
            for (path, reason) in [("/nonexistent/ca.pem", "does not exist"), (junk, "is not a PEM file")] {
                let error = await #expect(throws: ConfigurationError.self) {
                    try await token(from: "https://127.0.0.1:1", trusting: path)
                }
                #expect(error?.description.contains("'\(path)' \(reason)") == true, "\(error as Any)")
            }
        }
    }
}
