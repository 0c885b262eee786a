import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Admits a connection: refuses it if there are too many or its peer is not authorised, and adds TLS and the limits on a
/// request otherwise.
struct AdmissionChannel<Base: ServerChildChannel>: ServerChildChannel {
    /// What the connection came over.
    enum Transport: Sendable {
        /// Its peers are identified by their credentials; members of the group may connect.
        case unixSocket(group: UInt32?)
        case tcp(ReloadableTLSContext?)
    }

    let base: Base
    let connections: ConnectionRegistry
    let transport: Transport
    /// Called on the event loop with each peer that may not connect.
    let onRefusal: @Sendable (PeerCredentials) -> Void

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        do {
            try admit(channel)
        } catch {
            // A failed setup does not close the connection.
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(error)
        }
        return base.setup(channel: channel, logger: logger)
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }

    private func admit(_ channel: any Channel) throws {
        guard connections.add(channel) else { throw ChannelError.ioOnClosedChannel }
        let pipeline = channel.pipeline.syncOperations
        switch transport {
        case .unixSocket(let group):
            let peer = try PeerCredentials(of: channel)
            guard peer.isAuthorised(group: group) else {
                onRefusal(peer)
                throw ChannelError.ioOnClosedChannel
            }
            connections.setPeer(peer, of: channel)
        case .tcp(let tls?):
            try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
        case .tcp(nil):
            break
        }
        try pipeline.addHandler(RequestSizeLimitHandler())
    }
}

/// The certificate, its key and the certificate authority of clients. A reload affects new connections only.
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

    /// Reads the files again. If that fails, the previous context stays in use.
    ///
    /// - Throws: as ``init(_:)``.
    func reload() async throws {
        let context = try await Self.read(files)
        current.withLock { $0 = context }
    }

    private static func read(_ files: ServiceConfiguration.TLS) async throws -> NIOSSLContext {
        // The files may be on a slow disk.
        try await NIOThreadPool.singleton.runIfActive {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            // A client that does not confirm the end of the connection must not delay a shutdown.
            configuration.shutdownTimeout = .milliseconds(200)
            configuration.applicationProtocols = ["http/1.1"]
            if let authority = files.clientAuthority {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
                // Requires a certificate signed by the authority; clients have no host names to verify.
                configuration.certificateVerification = .noHostnameVerification
            }
            return try NIOSSLContext(configuration: configuration)
        }
    }
}
