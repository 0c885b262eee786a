import NIOSSL
import Synchronization

/// What TLS needs, read anew when the operator says so; connections that are open keep what they began with.
final class ReloadableTLSContext: Sendable {
    private let files: ServiceConfiguration.TLS
    private let present: Mutex<NIOSSLContext>

    /// - Throws: `NIOSSLError` when a file cannot be read or does not fit the other.
    init(_ files: ServiceConfiguration.TLS) throws {
        self.files = files
        present = Mutex(try Self.read(files))
    }

    var context: NIOSSLContext { present.withLock { $0 } }

    /// Reads the files again; when that fails, what was read before stays.
    ///
    /// - Throws: as ``init(_:)``.
    func reload() throws {
        let context = try Self.read(files)
        present.withLock { $0 = context }
    }

    private static func read(_ files: ServiceConfiguration.TLS) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let authority = files.clientAuthority {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
            // Asks for a certificate and checks who signed it; a client has no host name.
            configuration.certificateVerification = .noHostnameVerification
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
