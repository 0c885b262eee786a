import LarkAPI
import Testing

@Suite("A secret never shows")
struct SecretTests {
    private struct Holder {
        let name = "holder"
        let secret = Secret("canary")
    }

    @Test("Neither printed, interpolated, dumped nor mirrored, alone or inside something")
    func neverShown() {
        let secret = Secret("canary")
        var dumped = ""
        dump(secret, to: &dumped)
        var dumpedHolder = ""
        dump(Holder(), to: &dumpedHolder)
        let shown = [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.description,
            secret.debugDescription, "\([secret])", "\(Holder())", "\(["a": secret])", dumped, dumpedHolder,
        ]
        for text in shown {
            #expect(!text.contains("canary"))
            #expect(text.contains("‹redacted›") || text == dumped || text == dumpedHolder)
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test("Two secrets are equal when their bytes are, not when they look alike")
    func equality() {
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
        #expect(Secret("a") != Secret("ab"))
        #expect(Secret("\u{E9}") != Secret("e\u{301}"))
        #expect(Set([Secret("\u{E9}"), Secret("e\u{301}"), Secret("\u{E9}")]).count == 2)
    }

    @Test("A token never shows either")
    func token() throws {
        let token = try #require(TenantAccessToken("t-canary", expiresAt: TestInstant.start))
        #expect(!"\(token)".contains("canary"))
    }

    @Test(
        "A token is printable ASCII without spaces, at most 8,192 bytes",
        arguments: ["", " ", "t a", "t\r\nX: y", "t\u{0}", "t-\u{E9}", "t\u{7F}", String(repeating: "t", count: 8193)])
    func badTokens(_ text: String) {
        #expect(TenantAccessToken(text, expiresAt: TestInstant.start) == nil)
    }
}
