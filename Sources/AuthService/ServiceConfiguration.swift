/// The addresses and limits of a service.
package struct ServiceConfiguration: Sendable {
    /// Where it listens.
    package enum Address: Sendable, Hashable, CustomStringConvertible {
        /// A Unix socket, for the users of this machine that its directory and mode admit.
        case socket(String)
        /// TCP. Beyond this machine only with ``ServiceConfiguration/tls``.
        case network(host: String, port: Int)

        package var description: String {
            switch self {
            case .socket(let path): path
            case .network(let host, let port): "\(host):\(port)"
            }
        }
    }

    /// PEM files for TLS.
    package struct TLS: Sendable, Hashable {
        package var certificate: String
        package var key: String
        /// The authority that must have signed the clients' certificates; nil requires no certificates.
        package var clientAuthority: String?

        package init(certificate: String, key: String, clientAuthority: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientAuthority = clientAuthority
        }
    }

    /// At most one of each kind.
    package var addresses: [Address]
    /// For TCP.
    package var tls: TLS?
    /// The group that may connect to the Unix socket; nil admits only this user and root.
    package var socketGroup: UInt32? = UnixSocketFile.privateGroup()
    /// Values of `Host` to accept in addition to this machine's own names, such as `tokens.example.com:8443`.
    package var publicHosts: Set<String> = []
    /// Requests per second from each client.
    package var clientRate = 500
    /// The most open connections.
    package var maximumConnections = 4096
    /// Whether to accept events of apps without an Encrypt Key. Anyone who knows the Verification Token can forge
    /// them.
    package var takesUnsignedEvents = false

    package init(addresses: [Address]) {
        self.addresses = addresses
    }
}
