import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOSSL

extension LarkClient {
    /// Time limits.
    public struct Limits: Sendable {
        /// For name lookup, connection and TLS handshake.
        public var connect: Duration = .seconds(10)
        /// For a connection on which nothing arrives.
        public var idle: Duration = .seconds(30)
        /// For a small request as a whole, such as one for a token, its response included.
        public var call: Duration = .seconds(10)

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public init() {}
    }

    /// How connections are made.
    public struct Connections: Sendable {
        /// The maximum number of connections to one host.
        public var perHost = 8
        /// Whether to use one HTTP/2 connection, where the server offers it, instead of several of HTTP/1.1. Over a
        /// long distance many downloads are slower that way, since they share one connection's flow control.
        public var usesHTTP2 = false
        /// A PEM file with the certificates to trust instead of the system's. It is read with the first request.
        public var trustedCertificates: String?

        /// The proxy for https hosts on other machines. Environment variables such as `HTTPS_PROXY` are not read.
        public var proxy: ProxyConfiguration?

        /// The client certificate, for servers that ask for one.
        public var clientCertificate: ClientCertificate?

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public init() {}
    }
}

extension LarkClient.Connections {
    /// - Throws: ``ConfigurationError`` for a file of trusted certificates that cannot be used.
    func httpConfiguration(
        _ limits: LarkClient.Limits, proxy: ProxyConfiguration?
    ) throws -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(limits.connect), read: TimeAmount(limits.idle))
        )
        configuration.httpVersion = usesHTTP2 ? .automatic : .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = perHost
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = trustedCertificates {
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            } catch {
                throw ConfigurationError(
                    "the trusted certificates cannot be read: '\(TerminalText.visible(file))' "
                        + (FileManager.default.fileExists(atPath: file) ? "is not a PEM file" : "does not exist"),
                    remedy: Remedy("", PlatformAction.checkTrustedCertificates))
            }
        }
        if let clientCertificate {
            tls.certificateChain = clientCertificate.chain.map { .certificate($0) }
            tls.privateKey = .privateKey(clientCertificate.key)
        }
        configuration.tlsConfiguration = tls
        configuration.proxy = proxy?.httpProxy
        // Backoff decides what is repeated, and when.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}

/// The certificate and key of a TLS client.
public struct ClientCertificate: Sendable {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// Reads two PEM files.
    ///
    /// - Throws: ``InvalidValue`` for a file that cannot be read or holds something else.
    public init(certificate: String, key: String) throws {
        func read<Value>(_ path: String, _ kind: String, _ read: () throws -> Value) throws -> Value {
            do {
                return try read()
            } catch {
                throw InvalidValue(word: path, kind: kind, rule: "a PEM file that can be read")
            }
        }
        chain = try read(certificate, "certificate file") { try NIOSSLCertificate.fromPEMFile(certificate) }
        self.key = try read(key, "key file") { try NIOSSLPrivateKey(file: key, format: .pem) }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        self = .milliseconds(
            duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
    }
}
