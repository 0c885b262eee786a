import ArgumentParser
import FoundationEssentials
import LarkAPI

/// How a command reaches the platform.
struct NetworkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Reach the platform through this HTTP proxy, or through none. (default: $HTTPS_PROXY, $https_proxy or "
                + "$ALL_PROXY, except for the hosts in $NO_PROXY)", valueName: "url|none"))
    var proxy: String?

    /// The connections to the platform: the proxy, and the certificates in `SSL_CERT_FILE`, as for OpenSSL and curl.
    ///
    /// - Throws: ``InvalidValue``.
    func connections() throws -> LarkClient.Connections {
        var connections = Self.directConnections
        guard let url = proxy ?? Self.variable(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]), url != "none"
        else { return connections }
        connections.proxy = try ProxyConfiguration(url, except: Self.variable(["NO_PROXY", "no_proxy"]) ?? "")
        return connections
    }

    /// Connections without a proxy.
    static var directConnections: LarkClient.Connections {
        var connections = LarkClient.Connections()
        connections.trustedCertificates = variable(["SSL_CERT_FILE"])
        return connections
    }

    private static func variable(_ names: [String]) -> String? {
        let environment = ProcessInfo.processInfo.environment
        return names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
}
