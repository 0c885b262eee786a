/// What a service listens on, and what it lets through.
package struct ServiceConfiguration: Sendable {
    /// Where it listens.
    package enum Address: Sendable, Hashable {
        /// A Unix socket, for the users of this machine that its directory and mode admit.
        case socket(String)
        /// TCP. Beyond this machine only with ``ServiceConfiguration/tls``.
        case network(host: String, port: Int)
    }

    /// PEM files for TLS.
    package struct TLS: Sendable, Hashable {
        package var certificate: String
        package var key: String
        /// Who signs the certificates that clients must have; nil asks for none.
        package var clientAuthority: String?

        package init(certificate: String, key: String, clientAuthority: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientAuthority = clientAuthority
        }
    }

    package var address: Address
    package var tls: TLS?
    /// Values of `Host` to take beside the names of this machine itself, as they come: `tokens.example.com:8443`.
    package var publicHosts: Set<String> = []
    /// Requests a second from each client.
    package var clientRate = 500
    /// Connections at a time; more are closed as they come.
    package var maximumConnections = 4096
    /// Whether events of apps without an Encrypt Key are taken, which anybody can make up who knows the Verification
    /// Token.
    package var takesUnsignedEvents = false

    package init(address: Address) {
        self.address = address
    }
}
