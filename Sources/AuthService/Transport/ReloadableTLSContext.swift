import NIOPosix
import NIOSSL
import Synchronization

/// The certificate, its key and the client authority. They are read again on request; open connections keep theirs.
final class ReloadableTLSContext: Sendable {
    private let files: ServiceConfiguration.TLS
    private let current: Mutex<NIOSSLContext>

    /// Reads the files.
    ///
    /// - Throws: `NIOSSLError` when a file cannot be read, or the key does not fit the certificate.
    init(_ files: ServiceConfiguration.TLS) async throws {
        self.files = files
        current = Mutex(try await Self.read(files))
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    /// Reads the files again; when that fails, what was read before stays.
    ///
    /// - Throws: as ``init(_:)``.
    func reload() async throws {
        let context = try await Self.read(files)
        current.withLock { $0 = context }
    }

    private static func read(_ files: ServiceConfiguration.TLS) async throws -> NIOSSLContext {
        // The files may lie on a disk that is slow or gone.
        try await NIOThreadPool.singleton.runIfActive {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            if let authority = files.clientAuthority {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
                // Requires a certificate and checks who signed it; a client has no host name.
                configuration.certificateVerification = .noHostnameVerification
            }
            return try NIOSSLContext(configuration: configuration)
        }
    }
}
