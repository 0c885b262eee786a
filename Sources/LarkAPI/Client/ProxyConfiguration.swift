import AsyncHTTPClient
import FoundationEssentials

/// An HTTP proxy for connections to https hosts on other machines.
///
/// The proxy forwards the encrypted connection (`CONNECT`), so it sees host names, and neither tokens nor images.
/// Requests that are not encrypted never go through a proxy.
public struct ProxyConfiguration: Sendable, CustomStringConvertible {
    private let host: String
    private let port: Int
    private let user: Secret?
    private let password: Secret?
    private let exceptions: [String]

    /// Reads the URL of a proxy, as it stands in `HTTPS_PROXY`, and the hosts to reach without it, as in `NO_PROXY`.
    ///
    /// - Parameters:
    ///   - url: `http://HOST:PORT`, with `USER:PASSWORD@` before the host if the proxy requires it. Scheme and port
    ///     may be missing; the port is then 80.
    ///   - exceptions: host names and addresses, each with or without a port, separated by commas. A name stands for
    ///     its subdomains too, `*` for all hosts.
    /// - Throws: ``InvalidValue`` for any other URL; it does not repeat the password.
    public init(_ url: String, except exceptions: String = "") throws {
        let text = url.contains("://") ? url : "http://\(url)"
        guard let parts = URLComponents(string: text), parts.scheme?.lowercased() == "http",
            let host = parts.host, !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            (1...65_535).contains(parts.port ?? 80), parts.path.isEmpty || parts.path == "/",
            parts.query == nil, parts.fragment == nil
        else {
            let shown = url.lastIndex(of: "@").map { String(url[url.index(after: $0)...]) } ?? url
            throw InvalidValue(
                word: shown, kind: "proxy", rule: "http://HOST:PORT, with USER:PASSWORD@ before the host if needed")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? 80
        user = parts.user.map { Secret($0) }
        password = parts.password.map { Secret($0) }
        self.exceptions = exceptions.lowercased().split { $0 == "," || $0 == " " }
            .map {
                $0.hasPrefix("*.") ? String($0.dropFirst(2)) : $0.hasPrefix(".") ? String($0.dropFirst()) : String($0)
            }
    }

    /// The address, without user and password.
    public var description: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// Whether requests to a server go through the proxy.
    package func applies(to address: ServerAddress) -> Bool {
        guard address.isSecure, !address.isLocal, let name = address.hostName else { return false }
        return !exceptions.contains { exception in
            if exception == "*" { return true }
            let parts = exception.split(separator: ":")
            // More than one colon is an IPv6 address.
            let hasPort = parts.count == 2 && Int(parts[1]) != nil
            if hasPort, Int(parts[1]) != address.port { return false }
            let host = hasPort ? String(parts[0]) : exception.filter { $0 != "[" && $0 != "]" }
            return name == host || name.hasSuffix(".\(host)")
        }
    }

    var httpProxy: HTTPClient.Configuration.Proxy {
        .server(
            host: host, port: port,
            authorization: user.map {
                .basic(username: $0.revealedText, password: password?.revealedText ?? "")
            })
    }
}
