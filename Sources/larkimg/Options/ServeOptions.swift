import ArgumentParser
import AuthService
import FoundationEssentials
import Glibc
import LarkAPI

/// The options of the auth service.
struct ServeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Listen on this Unix socket. (default: $XDG_RUNTIME_DIR/larkimg/larkimg.sock, for root "
                + "/run/larkimg/larkimg.sock)", valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The group that may use the socket, by name or number. (default: the group of this user alone, else none)",
            valueName: "group"))
    var socketGroup: String?

    @Option(
        help: ArgumentHelp(
            "Listen on TCP, also beside --socket; other hosts than this one require --tls-cert.", valueName: "host:port"
        ))
    var listen: String?

    @Option(
        help: ArgumentHelp("The certificate chain for TLS, a PEM file; reloaded on SIGHUP.", valueName: "file"),
        completion: .file())
    var tlsCert: String?

    @Option(
        help: ArgumentHelp("The certificate's private key, a PEM file.", valueName: "file"), completion: .file())
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "Accept only clients with a certificate signed by one of these, a PEM file. Clients name theirs in "
                + "$LARKIMG_AUTH_CERT_FILE and $LARKIMG_AUTH_KEY_FILE.", valueName: "file"),
        completion: .file())
    var clientCa: String?

    @Option(help: ArgumentHelp("A host name that clients use: tokens.example.com:8443; repeatable.", valueName: "host"))
    var publicHost: [String] = []

    @Option(help: ArgumentHelp("The most requests per second from each client.", valueName: "n"))
    var clientRate = 500

    @Option(help: ArgumentHelp("The most open connections.", valueName: "n"))
    var maxConnections = 4096

    @Flag(help: "Accept events of apps without Encrypt Key or Verification Token, which can be forged.")
    var allowUnsignedEvents = false

    /// The service's configuration.
    ///
    /// - Throws: ``CommandError``.
    func configuration() throws -> ServiceConfiguration {
        guard (1...10_000_000).contains(clientRate), (1...1_000_000).contains(maxConnections) else {
            throw CommandError(
                description: "--client-rate and --max-connections must be above zero", remedy: "Use a number above zero"
            )
        }
        let network = try network()
        let path = try socket ?? (network == nil ? Self.usualSocket() : nil)
        var configuration = ServiceConfiguration(
            addresses: [path.map { .socket($0) }, network].compactMap { $0 })
        if let socketGroup { configuration.socketGroup = try Self.group(socketGroup) }
        configuration.tls = try tls()
        configuration.publicHosts = Set(publicHost)
        configuration.clientRate = clientRate
        configuration.maximumConnections = maxConnections
        configuration.takesUnsignedEvents = allowUnsignedEvents
        if case .network(let host, _)? = network, configuration.tls == nil, !Self.isLoopback(host) {
            throw CommandError(
                description: "tokens would be sent unencrypted: \(host) is not this machine",
                remedy: "Add --tls-cert FILE --tls-key FILE, or listen on 127.0.0.1")
        }
        if case .network(let host, _)? = network, ["0.0.0.0", "::"].contains(host), publicHost.isEmpty {
            throw CommandError(
                description: "no client could connect: \(host) is not a name that clients can use",
                remedy: "Add the name and port that clients use: --public-host tokens.example.com:8443")
        }
        return configuration
    }

    private func network() throws -> ServiceConfiguration.Address? {
        guard let text = listen else { return nil }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            colon > text.startIndex
        else {
            throw CommandError(
                description: "--listen needs an address and a port", remedy: "For example --listen 127.0.0.1:8700")
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        return .network(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: Int(port))
    }

    private static func group(_ text: String) throws -> UInt32 {
        if let number = UInt32(text) { return number }
        var entry = Glibc.group()
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var found: UnsafeMutablePointer<Glibc.group>?
        guard getgrnam_r(text, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw CommandError(
                description: "there is no group \(text)", remedy: "Name an existing group with --socket-group")
        }
        return entry.gr_gid
    }

    private static func usualSocket() throws -> String {
        if let directory = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"], directory.hasPrefix("/") {
            return "\(directory)/larkimg/larkimg.sock"
        }
        guard geteuid() == 0 else {
            throw CommandError(
                description: "there is no default socket path: XDG_RUNTIME_DIR is not set",
                remedy: "Give one with --socket PATH")
        }
        return "/run/larkimg/larkimg.sock"
    }

    private func tls() throws -> ServiceConfiguration.TLS? {
        switch (tlsCert, tlsKey) {
        case (let certificate?, let key?) where listen != nil:
            return ServiceConfiguration.TLS(certificate: certificate, key: key, clientAuthority: clientCa)
        case (nil, nil) where clientCa == nil:
            return nil
        default:
            throw CommandError(
                description: "--tls-cert, --tls-key and --client-ca go together, and with --listen",
                remedy: "Give certificate and key")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || host == "::1"
            || parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
