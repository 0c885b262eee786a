import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import NIOCore

extension Emulator {
    /// The server: HTTP/1.1, with handlers for raw bytes and hard closes on each connection, in TLS where asked for.
    func makeServer() throws -> HTTPServerBuilder {
        guard let files = configuration.tls else {
            return HTTPServerBuilder { responder in
                self.closable(self.raw(HTTP1Channel(responder: responder)))
            }
        }
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        )
        return HTTPServerBuilder { responder in
            self.closable(try TLSChannel(self.raw(HTTP1Channel(responder: responder)), tlsConfiguration: tls))
        }
    }

    private func raw<Base: ServerChildChannel>(_ base: Base) -> TappedChannel<Base> {
        TappedChannel(base: base) { channel in
            try channel.pipeline.syncOperations.addHandler(RawBytesHandler())
        }
    }

    private func closable<Base: ServerChildChannel>(_ base: Base) -> TappedChannel<Base> {
        TappedChannel(base: base) { [connections] channel in
            try channel.pipeline.syncOperations.addHandler(HardCloseHandler())
            connections.add(channel)
        }
    }
}
