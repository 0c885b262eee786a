import HTTPTypes

/// Refuses what no client of ours sends: requests that a web page or a proxy makes in somebody else's name.
///
/// A page that a browser shows can reach a service on the same machine, by an address of its own that it points there
/// (DNS rebinding); it cannot do so without telling its own name in `Host`, or `Origin`, or `Sec-Fetch-Site`.
struct CrossOriginGuard: Sendable {
    private let names: Set<String>
    private let publicHosts: Set<String>
    private let defaultPort: Int

    /// - Parameter configuration: where the service listens, and the names it has besides.
    init(_ configuration: ServiceConfiguration) {
        var names: Set<String> = ["localhost", "127.0.0.1", "[::1]"]
        if case .network(let host, _) = configuration.address {
            names.insert((host.contains(":") ? "[\(host)]" : host).lowercased())
        }
        self.names = names
        publicHosts = Set(configuration.publicHosts.map { $0.lowercased() })
        defaultPort = configuration.tls == nil ? 80 : 443
    }

    /// - Parameters:
    ///   - request: what came.
    ///   - port: the one it came to; nil for a socket.
    ///   - isPage: whether a browser may reload it by itself.
    /// - Throws: ``ServiceError`` 403 or 421.
    func check(_ request: HTTPRequest, port: Int?, isPage: Bool) throws {
        let fields = request.headerFields
        // The first Host is the authority; a second one is left among the fields.
        guard let host = request.authority?.lowercased(), isOurs(host, port: port),
            !fields.contains(.secondHost)
        else { throw ServiceError.wrongHost }
        for name in [HTTPField.Name.origin, .forwarded, .xForwardedFor] where fields.contains(name) {
            throw ServiceError.fromBrowserOrProxy
        }
        if let site = fields[.secFetchSite], site != "none", !(isPage && site == "same-origin") {
            throw ServiceError.fromBrowserOrProxy
        }
    }

    /// Whether a `Host` names this service: by a public name as it was given, or by this machine's own names, with the
    /// port that the request came to.
    func isOurs(_ host: String, port: Int?) -> Bool {
        if publicHosts.contains(host) { return true }
        guard let port else { return names.contains(host) }
        let ending = ":\(port)"
        return host.hasSuffix(ending)
            ? names.contains(String(host.dropLast(ending.count))) : port == defaultPort && names.contains(host)
    }
}

extension HTTPField.Name {
    /// Names that the package does not know. They are tokens of HTTP, so that none of them is missing.
    private static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .via }

    static let secondHost = known("Host")
    static let referrerPolicy = known("Referrer-Policy")
    static let forwarded = known("Forwarded")
    static let xForwardedFor = known("X-Forwarded-For")
    static let secFetchSite = known("Sec-Fetch-Site")
    static let larkTimestamp = known("X-Lark-Request-Timestamp")
    static let larkNonce = known("X-Lark-Request-Nonce")
    static let larkSignature = known("X-Lark-Signature")
}
