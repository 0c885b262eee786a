import FoundationEssentials
import Glibc
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite(
    "TLS is not optional", .enabled(if: access("/usr/bin/openssl", X_OK) == 0, "certificates are made by openssl"),
    .timeLimit(.minutes(2)))
struct TransportSecurityTests {
    @Test("A certificate nobody has vouched for is refused, and nothing is sent; one that is named is trusted")
    func selfSigned() async throws {
        try await withTemporaryFolder { folder in
            let made = try await BuiltProgram("/usr/bin/openssl")
                .run(
                    [
                        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout",
                        "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    ], environment: [:], in: folder.path)
            try #require(made.status == 0, "\(made.errors)")
            var configuration = EmulatorConfiguration(apps: [.custom("cli_a", secret: "s")])
            configuration.tls = EmulatorConfiguration.TLSFiles(
                certificate: "\(folder.path)/cert.pem", key: "\(folder.path)/key.pem")
            try await withEmulator(configuration) { emulator, port in
                for name in ["localhost", "127.0.0.1"] {
                    let error = await #expect(throws: LarkError.self) {
                        try await LarkClient.withClient(limits: .patient) { client in
                            try await client.tenantAccessToken(
                                appID: AppID("cli_a"), appSecret: Secret("s"), host: LarkHost("https://\(name):\(port)")
                            )
                        }
                    }
                    #expect(error?.kind == .unreachable, "\(String(describing: error))")
                    #expect(
                        error?.summary.hasSuffix("its certificate is not trusted here (CERTIFICATE_VERIFY_FAILED)")
                            == true, "\(error?.description ?? "")")
                    #expect(error?.remedy?.description.contains("issuer") == true)
                }
                #expect(emulator.journal.isEmpty)
                var connections = LarkClient.Connections()
                connections.trustedCertificates = "\(folder.path)/cert.pem"
                for usesHTTP2 in [false, true] {
                    connections.usesHTTP2 = usesHTTP2
                    let token = try await LarkClient.withClient(limits: .patient, connections: connections) { client in
                        try await client.tenantAccessToken(
                            appID: AppID("cli_a"), appSecret: Secret("s"), host: LarkHost("https://localhost:\(port)"))
                    }
                    #expect(token.remaining(at: .now) > .seconds(7000))
                }
            }
        }
    }

    @Test("A server without TLS is refused")
    func plainServer() async throws {
        try await withEmulator { emulator, port in
            let error = await #expect(throws: LarkError.self) {
                try await LarkClient.withClient(limits: .patient) { client in
                    try await client.tenantAccessToken(
                        appID: AppID("cli_a"), appSecret: Secret("s"), host: LarkHost("https://127.0.0.1:\(port)"))
                }
            }
            #expect(error?.kind == .unreachable, "\(String(describing: error))")
            #expect(error?.summary.contains("it does not use TLS") == true, "\(error?.summary ?? "")")
            #expect(emulator.journal.isEmpty)
        }
    }
}
