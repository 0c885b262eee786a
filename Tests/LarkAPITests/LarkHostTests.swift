import LarkAPI
import Testing

@Suite("Hosts")
struct LarkHostTests {
    @Test(
        "An address that is no origin, or sends secrets in clear to another machine, is refused",
        arguments: [
            "", "larks", "open.larksuite.com", "https://", "https:///x", "ftp://a", "file:///etc/passwd",
            "https://user@host", "https://user:pw@host", "https://host/path", "https://host?q", "https://host#f",
            "https://host:0", "https://host:99999", "https://ho st", "https://h\u{F6}st", "http://example.com",
            "http://127.evil.example", "http://127.0.0.1.nip.io", "http://localhost.evil", "http://128.0.0.1",
            "http://127.1", "http://127.0.0.256", "http://127.0.0.+1", "http://0.0.0.0", "http://[::2]",
            "http://[::ffff:127.0.0.1]", "http://[::1%25eth0]", "https://[::1", "https://[]", "https://@host",
            "https://a%0D%0Ab", "https://a%00b", "https://a%1B%5B2Jb", "https://a%20b", "https://a%2Fb",
            "https://a%40b",
            "https://a%3A80", "https://a%3Fb", "https://a%C3%B6b", "https://a%", "https://a,b", "https://a\\b",
            "https://a<b>", "https://host/?", "https://host/#", "https://host:+5", "https://host:-1", "https://host:x",
        ])
    func refused(_ text: String) {
        #expect(throws: InvalidValue.self) { try LarkHost(text) }
    }

    /// An address, and the origin it means.
    struct Good: Sendable, CustomTestStringConvertible {
        let text: String
        let origin: String
        var brand = "lark"
        var testDescription: String { text }
    }

    @Test(
        "What is an origin is taken, in one form",
        arguments: [
            Good(text: "lark", origin: "https://open.larksuite.com"),
            Good(text: "feishu", origin: "https://open.feishu.cn", brand: "feishu"),
            Good(text: "https://OPEN.feishu.cn/", origin: "https://open.feishu.cn", brand: "feishu"),
            Good(text: "https://open.larkoffice.com:443", origin: "https://open.larkoffice.com", brand: "feishu"),
            Good(text: "https://open.feishu.cn:8443", origin: "https://open.feishu.cn:8443", brand: "feishu"),
            Good(text: "https://feishu.cn", origin: "https://feishu.cn", brand: "feishu"),
            Good(text: "https://notfeishu.cn", origin: "https://notfeishu.cn"),
            Good(text: "https://feishu.cn.example", origin: "https://feishu.cn.example"),
            Good(text: "https://proxy.example:8443", origin: "https://proxy.example:8443"),
            Good(text: "http://127.0.0.1:8080", origin: "http://127.0.0.1:8080"),
            Good(text: "http://127.9.9.9", origin: "http://127.9.9.9"),
            Good(text: "http://localhost:80", origin: "http://localhost"),
            Good(text: "http://[::1]:9", origin: "http://[::1]:9"),
            Good(text: "HTTP://LOCALHOST", origin: "http://localhost"),
            Good(text: "https://[2001:DB8::1]", origin: "https://[2001:db8::1]"),
            Good(text: "https://my_proxy.example", origin: "https://my_proxy.example"),
        ])
    func taken(_ good: Good) throws {
        let host = try LarkHost(good.text)
        #expect(host.origin == good.origin)
        #expect(host.brand == good.brand)
    }

    @Test("The two public platforms have each other as counterpart, other hosts none")
    func counterparts() throws {
        #expect(LarkHost.lark.counterpart == .feishu)
        #expect(LarkHost.feishu.counterpart == .lark)
        #expect(try LarkHost("https://a.example").counterpart == nil)
        #expect(try LarkHost("https://open.feishu.cn") == .feishu)
    }

    @Test("Plain http elsewhere is taken when insisted on")
    func insecure() throws {
        #expect(try LarkHost("http://example.com", allowInsecureHTTP: true).origin == "http://example.com")
    }
}
