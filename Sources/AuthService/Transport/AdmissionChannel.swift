import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// A connection that is refused when there are too many or its peer is not authorised, and otherwise gets TLS and the
/// limits on a request before HTTP is read from it.
struct AdmissionChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let connections: ConnectionRegistry
    /// Whether it listens on a Unix socket, whose peers are identified by their credentials.
    let isUnixSocket: Bool
    let tls: ReloadableTLSContext?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        do {
            try admit(channel)
        } catch {
            // A set-up that fails does not close the connection.
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
        if isUnixSocket {
            let peer = try PeerCredentials(of: channel)
            guard peer.isAuthorised() else { throw ChannelError.ioOnClosedChannel }
            connections.setPeer(peer, of: channel)
        } else if let tls {
            try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
        }
        try pipeline.addHandler(RequestSizeLimitHandler())
    }
}
