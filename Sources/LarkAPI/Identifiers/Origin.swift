import FoundationEssentials

/// The scheme, host and port of a URL. A URL with more than these is refused.
struct Origin {
    let text: String
    let isSecure: Bool
    let isLoopback: Bool

    init(_ url: String) throws {
        let rule = "'lark', 'feishu' or a URL such as https://open.example.com"
        let refusal = InvalidValue(word: url, kind: "host", rule: rule)
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: url),
            let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = parts.host?.lowercased(), Self.isPlain(host),
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
            parts.path.isEmpty || parts.path == "/"
        else { throw refusal }
        if let port = parts.port, !(1...65_535).contains(port) { throw refusal }

        isSecure = scheme == "https"
        isLoopback = Self.isLoopback(host)
        let defaultPort = isSecure ? 443 : 80
        let port = parts.port.flatMap { $0 == defaultPort ? nil : ":\($0)" } ?? ""
        text = "\(scheme)://\(host)\(port)"
    }

    /// URLComponents percent-decodes the host: `a%0D%0Ab` must not become two lines of a request.
    private static func isPlain(_ host: String) -> Bool {
        let isAddress = host.hasPrefix("[") && host.hasSuffix("]")
        let (name, punctuation) = isAddress ? (host.dropFirst().dropLast(), ":.") : (host[...], "-._")
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: punctuation.utf8.contains(byte)
                }
            }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" || host == "::1" { return true }
        // Only a full dotted quad: anyone may own the name "127.evil.example".
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
