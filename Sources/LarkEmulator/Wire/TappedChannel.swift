import HummingbirdCore
import Logging
import NIOCore

/// A kind of connection with one more handler before those it has.
struct TappedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    /// Called on the connection's event loop before the base sets up its own handlers.
    let tap: @Sendable (any Channel) throws -> Void

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop
            .makeCompletedFuture {
                try tap(channel)
            }
            .flatMap {
                base.setup(channel: channel, logger: logger)
            }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
