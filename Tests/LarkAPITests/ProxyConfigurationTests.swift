import FoundationEssentials
import Glibc
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("A proxy", .timeLimit(.minutes(2)))
struct ProxyConfigurationTests {
    @Test(
        "The address is a host and a port, with or without a scheme",
        arguments: [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("http://proxy.example/", "http://proxy.example:80"),
            ("http://u:p@proxy.example:8", "http://proxy.example:8"),
            ("http://[2001:db8::1]:8", "http://[2001:db8::1]:8"),
        ])
    func address(_ url: String, _ shown: String) throws {
        #expect(try ProxyConfiguration(url).description == shown)
    }

    @Test(
        "Anything else is refused, without repeating a password",
        arguments: [
            "", "https://proxy.example", "socks5://u:canary@proxy.example", "http://proxy.example/path",
            "http://proxy.example?q", "http://", "https://u:canary@proxy.example:1", "http://proxy.example:70000",
        ])
    func invalid(_ url: String) {
        let error = #expect(throws: InvalidValue.self) { try ProxyConfiguration(url) }
        #expect(error?.description.contains("canary") == false)
    }

    @Test(
        "Only https to other machines goes through it, and not to hosts that are excepted",
        arguments: [
            ("https://open.larksuite.com", "", true), ("http://10.0.0.1:8080", "", false),
            ("https://localhost", "", false), ("https://127.0.0.1:1", "", false),
            ("https://a.example.com", "example.com", false), ("https://a.example.com", ".example.com", false),
            ("https://a.example.com", "*.example.com", false),
            ("https://example.com", " other.com , EXAMPLE.COM", false),
            ("https://notexample.com", "example.com", true), ("https://example.com:8443", "example.com:8443", false),
            ("https://example.com:8443", "example.com:443", true), ("https://example.com", "example.com:443", false),
            ("https://[2001:db8::1]", "2001:db8::1", false), ("https://a.example", "*", false),
        ])
    func applies(_ url: String, _ exceptions: String, _ isUsed: Bool) throws {
        let proxy = try ProxyConfiguration("proxy.example:3128", except: exceptions)
        #expect(proxy.applies(to: try LarkHost(url, allowInsecureHTTP: true).address) == isUsed)
    }

    @Test(
        "A token is requested through it, inside TLS, and the proxy sees the host name alone",
        .enabled(if: access("/usr/bin/openssl", X_OK) == 0, "openssl makes the certificate"))
    func tunnel() async throws {
        try await withTLSEmulator(names: "DNS:platform.test") { emulator, port, certificate in
            try await ConnectProxy.with(user: "u", password: "canary-password") { proxy in
                var connections = LarkClient.Connections()
                connections.trustedCertificates = certificate
                func request(_ url: String) async throws -> TenantAccessToken {
                    connections.proxy = try ProxyConfiguration(url)
                    return try await LarkClient.withClient(limits: .patient, connections: connections) { client in
                        try await client.tenantAccessToken(
                            appID: AppID("cli_a"), appSecret: Secret("canary-secret"),
                            host: LarkHost("https://platform.test:\(port)"))
                    }
                }
                let token = try await request("http://u:canary-password@127.0.0.1:\(proxy.port)")
                #expect(proxy.targets == ["platform.test:\(port)"])
                #expect(emulator.journal.count == 1)
                for secret in ["canary-secret", token.secret.revealedText] {
                    #expect(!proxy.bytesSeen.contains(secret), "the proxy sees no secret")
                }
                let refused = await #expect(throws: LarkError.self) {
                    try await request("http://127.0.0.1:\(proxy.port)")
                }
                #expect(refused?.description.contains("requires a user name and password") == true, "\(refused as Any)")
                let missing = await #expect(throws: LarkError.self) { try await request("http://127.0.0.1:1") }
                #expect(
                    missing?.description
                        == "https://platform.test:\(port) cannot be reached through the proxy http://127.0.0.1:1: "
                        + "connection refused", "\(missing as Any)")
            }
        }
    }
}
