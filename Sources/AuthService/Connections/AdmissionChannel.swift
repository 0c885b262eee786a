import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypesHTTP1
import NIOSSL

/// A kind of connection that is closed at once when there are too many, or when the peer is not let in, and that
/// begins with TLS where there are certificates.
struct AdmissionChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let connections: ConnectionRegistry
    let isSocket: Bool
    let certificates: ReloadableTLSContext?
    let responder: AuthServiceRouter

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        guard connections.add(channel) else { return refused(channel) }
        guard isSocket else { return secured(channel, logger: logger) }
        return PeerCredentials.of(channel)
            .flatMap { peer in
                guard peer.isAuthorised else { return refused(channel) }
                connections.setPeer(peer, of: channel)
                return bounded(channel, logger: logger)
            }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }

    private func refused(_ channel: any Channel) -> EventLoopFuture<Base.Value> {
        // A set-up that fails does not close the connection.
        channel.close(promise: nil)
        return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }

    private func secured(_ channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop
            .makeCompletedFuture {
                guard let certificates else { return }
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificates.context))
            }
            .flatMap { bounded(channel, logger: logger) }
    }

    private func bounded(_ channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop
            .makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(RequestSizeLimitHandler()) }
            .flatMap { base.setup(channel: channel, logger: logger) }
            .flatMapThrowing { value in
                let pipeline = channel.pipeline.syncOperations
                // Between the server's reader of HTTP and what it makes of it.
                let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
                try pipeline.addHandler(WarmTokens(responder), position: .before(codec))
                return value
            }
    }
}
