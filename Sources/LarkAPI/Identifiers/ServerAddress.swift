import FoundationEssentials

/// The address of an HTTP server: scheme, name and port, or the path of a Unix socket.
package struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// In lower case, without a trailing slash; as async-http-client writes it for a socket: `http+unix://%2Frun%2Fx`.
    package let origin: String

    /// Whether requests and responses are encrypted.
    package let isSecure: Bool

    /// Whether the server is on this machine: a loopback address, or a socket.
    package let isLocal: Bool

    /// The host name or IP address, without brackets; nil for a socket.
    let hostName: String?

    /// The port; nil for a socket.
    let port: Int?

    /// The path of a Unix socket; nil for all other servers.
    package let socketPath: String?

    /// Reads a URL. One with a user, a path or a query is refused.
    ///
    /// - Parameters:
    ///   - url: with the scheme `https` or `http`.
    ///   - kind: what the URL was meant to be, for the error.
    ///   - rule: the required form, for the error.
    /// - Throws: ``InvalidValue``.
    package init(_ url: String, kind: String, rule: String) throws {
        let refusal = InvalidValue(word: url, kind: kind, rule: rule)
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: url),
            let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = parts.host?.lowercased(), Self.isPlain(host),
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
            parts.path.isEmpty || parts.path == "/"
        else { throw refusal }
        if let port = parts.port, !(1...65_535).contains(port) { throw refusal }

        isSecure = scheme == "https"
        isLocal = Self.isLoopback(host)
        socketPath = nil
        hostName = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let defaultPort = isSecure ? 443 : 80
        let suffix = parts.port.flatMap { $0 == defaultPort ? nil : ":\($0)" } ?? ""
        port = parts.port ?? defaultPort
        origin = "\(scheme)://\(host)\(suffix)"
    }

    /// A server on this machine, behind a Unix socket.
    ///
    /// - Parameter socketPath: absolute.
    package init(socketPath: String) {
        origin = "http+unix://" + PercentEncoding.text(socketPath.utf8)
        isSecure = false
        isLocal = true
        hostName = nil
        port = nil
        self.socketPath = socketPath
    }

    /// A host name that needs no check.
    init(secureHost name: String) {
        origin = "https://\(name)"
        isSecure = true
        isLocal = false
        hostName = name
        port = 443
        socketPath = nil
    }

    /// `unix://` and the path of a socket, else the origin.
    package var description: String { socketPath.map { "unix://\($0)" } ?? origin }

    package static func == (left: ServerAddress, right: ServerAddress) -> Bool { left.origin == right.origin }

    package func hash(into hasher: inout Hasher) { hasher.combine(origin) }

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
