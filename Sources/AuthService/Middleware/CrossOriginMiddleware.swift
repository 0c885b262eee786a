import HTTPTypes
import Hummingbird

/// Refuses requests that a web page or a proxy makes on behalf of others.
///
/// A page in a browser can reach a service on the same machine through a host name of its own that resolves there (DNS
/// rebinding), but not without revealing itself in `Host`, `Origin` or `Sec-Fetch-Site`.
struct CrossOriginMiddleware: RouterMiddleware {
    private let names: Set<String>
    private let publicHosts: Set<String>
    private let defaultPort: Int

    /// - Parameter configuration: where the service listens, and its public hosts.
    init(_ configuration: ServiceConfiguration) {
        var names: Set<String> = ["localhost", "127.0.0.1", "[::1]"]
        if case .network(let host, _) = configuration.address {
            names.insert((host.contains(":") ? "[\(host)]" : host).lowercased())
        }
        self.names = names
        publicHosts = Set(configuration.publicHosts.map { $0.lowercased() })
        defaultPort = configuration.tls == nil ? 80 : 443
    }

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        try check(request, port: context.localPort)
        return try await next(request, context)
    }

    /// - Parameter port: the one that the request came to; nil for a socket.
    /// - Throws: ``ServiceError`` 403 or 421.
    private func check(_ request: Request, port: Int?) throws {
        let fields = request.headers
        // The first Host is the authority; a second one stays among the fields.
        guard let host = request.head.authority?.lowercased(), matchesThisHost(host, port: port),
            !fields.contains(.secondHost)
        else { throw ServiceError.wrongHost }
        for name in [HTTPField.Name.origin, .forwarded, .xForwardedFor] where fields.contains(name) {
            throw ServiceError.fromBrowserOrProxy
        }
        // A browser reloads the status page by itself.
        let isStatusPage = request.uri.path == "/"
        if let site = fields[.secFetchSite], site != "none", !(isStatusPage && site == "same-origin") {
            throw ServiceError.fromBrowserOrProxy
        }
    }

    /// Whether a `Host` names this service: a public host as configured, or one of this machine's own names with
    /// the port that the request came to.
    private func matchesThisHost(_ host: String, port: Int?) -> Bool {
        if publicHosts.contains(host) { return true }
        guard let port else { return names.contains(host) }
        let ending = ":\(port)"
        return host.hasSuffix(ending)
            ? names.contains(String(host.dropLast(ending.count))) : port == defaultPort && names.contains(host)
    }
}

extension HTTPField.Name {
    /// Names that the package does not have. They are valid, so the fallback is never used.
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
