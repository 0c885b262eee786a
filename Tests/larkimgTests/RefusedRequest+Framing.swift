/// Requests of which two readers could see different ends, most with a good one hidden behind.
///
/// None asks for the connection to be closed, so that a hidden request would be answered.
extension RefusedRequest.Site {
    private static let malformed: Set<Int?> = [400, nil]
    private static let tooLarge: Set<Int?> = [413, 431, 400, nil]
    private static let length = "Content-Length: 2"
    private static let chunked = "Transfer-Encoding: chunked"
    private static let zero = "0\r\n\r\n"

    private func framed(_ lines: [String], body: String = "{}") -> String {
        var request = good
        request.body = nil
        let head = request.text.replacing("\r\n\r\n", with: "\r\n")
        return head + lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    var lengths: [RefusedRequest] {
        let hidden = Self.zero + good.text
        let texts = [
            "+2", "-2", "0x2", "2, 2", "2 2", "", "2.0", String(repeating: "9", count: 30), "18446744073709551618",
        ]
        return [
            refused(
                "a length and chunks", Self.malformed,
                text: framed(["Content-Length: \(hidden.utf8.count)", Self.chunked], body: hidden)),
            refused("chunks and a length", Self.malformed, text: framed([Self.chunked, Self.length], body: hidden)),
            refused("two lengths, the same", Self.malformed, text: framed([Self.length, Self.length])),
            refused(
                "two lengths", Self.malformed,
                text: framed(
                    [Self.length, "Content-Length: \(2 + good.text.utf8.count)"], body: "{}" + good.text)),
        ]
            + texts.map { text in
                refused("length: \(text)", Self.tooLarge, text: framed(["Content-Length: \(text)"]))
            }
    }

    var chunks: [RefusedRequest] {
        let codings = ["xchunked", "chunked, identity", "identity", "chunked\u{B}", "\"chunked\""]
        let sizes = [
            String(repeating: "F", count: 16), String(repeating: "F", count: 17), "-2", "+2", "0x2", "2 ", "",
            "2;" + String(repeating: "x", count: 2_000_000),
        ]
        return codings.map { coding in
            refused(
                "Transfer-Encoding: \(coding)", [501, 400, nil],
                text: framed(["Transfer-Encoding: \(coding)"], body: Self.zero + good.text))
        }
            + sizes.map { size in
                refused(
                    "a chunk of size \(size.prefix(20))", Self.tooLarge,
                    text: framed([Self.chunked], body: size + "\r\n{}\r\n" + Self.zero))
            }
            + [
                refused(
                    "a chunk longer than its size", Self.malformed,
                    text: framed([Self.chunked], body: "2\r\n{}x\r\n" + Self.zero))
            ]
    }

    var framings: [RefusedRequest] {
        let whole = framed([Self.length])
        let long = String(repeating: "x", count: 100_000)
        let health = RawRequest.get("/healthz", host: host)
        let withoutSecret = RawRequest.token("acme", host: host).last.text
        let fields: [(String, String)] = [
            ("a folded field", "X-A: b\r\n c"), ("a field without a name", ": b"), ("a field without a colon", "X-A"),
            ("NUL in a field", "X-A: \0"), ("a field of 100 KB", "X-A: \(long)"),
            ("10,000 fields", (0..<10_000).map { "X-\($0): 1" }.joined(separator: "\r\n")),
        ]
        let texts: [(String, String)] = [
            ("a bare LF", whole.replacing("\r\n", with: "\n")), ("a bare CR", whole.replacing("\r\n", with: "\r")),
            ("a space before a colon", framed(["Content-Length : 2"])),
            ("NUL in the path", whole.replacing("/token", with: "/token\0")),
            ("HTTP/0.9", "GET /v1/tenants\r\n\r\n"), ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            ("HTTP/9.9", whole.replacing("HTTP/1.1", with: "HTTP/9.9")),
            ("TLS", "\u{16}\u{3}\u{1}\u{0}\u{5}\u{1}\u{0}\u{0}\u{1}\u{3}\r\n\r\n"),
        ]
        return fields.map { name, field in refused(name, Self.tooLarge, text: framed([Self.length, field])) }
            + texts.map { name, text in refused(name, [400, 505, nil], text: text) }
            + [
                refused(
                    "a path of 100 KB", [404, 413, 414, 431, 400, nil],
                    text: whole.replacing("/token", with: "/\(long)")),
                refused("a second request without a secret", [200], text: health.text + withoutSecret),
                refused(
                    "1,000 requests at once", [200],
                    text: String(repeating: health.text, count: 999) + health.last.text),
            ]
    }
}
