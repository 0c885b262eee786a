import AuthServiceClient
import LarkAPI
import Testing

@Suite("The address of an auth service")
struct ServiceAddressTests {
    @Test(
        "What is no address, or would carry tokens in clear, is refused",
        arguments: [
            "", "unix://", "unix://relative", "unix:/run/x", "unix:///" + String(repeating: "x", count: 120),
            "unix:///a\0b", "http://tokens.example.com", "https://", "https://user@host", "https://host/path",
            "ftp://host",
            "lark", "feishu", "/run/larkimg.sock",
        ])
    func refused(_ text: String) {
        #expect(throws: InvalidValue.self) { try ServiceAddress(text) }
    }

    @Test(
        "A socket, https anywhere, http on this machine alone",
        arguments: [
            "unix:///run/larkimg/larkimg.sock", "unix:///a b/\u{E9}%.sock", "https://tokens.example.com:8443",
            "http://127.0.0.1:8700", "http://[::1]:8700",
        ])
    func taken(_ text: String) throws {
        #expect(try ServiceAddress(text).description == text)
    }
}
