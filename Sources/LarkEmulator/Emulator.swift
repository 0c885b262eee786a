import FoundationEssentials
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A local Lark platform: tokens, tickets, images, messages, quotas, events, and everything that can go wrong.
///
/// It serves HTTP as the documentation of the platform describes it and as it was seen to behave. Its state is in
/// memory, its secrets are made up, and its time is its own.
public final class Emulator: Sendable {
    let configuration: EmulatorConfiguration
    let world: Mutex<PlatformState>
    let gate = Gate()
    let connections = OpenConnections()
    let bell = Wakeup()
    let deliveries = CountdownWaiter()

    /// An emulator that does not serve yet.
    public init(_ configuration: EmulatorConfiguration = EmulatorConfiguration()) {
        self.configuration = configuration
        world = Mutex(PlatformState(configuration))
    }

    /// Serves until the surrounding task is cancelled.
    ///
    /// Stopping closes every connection at once, also those that a fault holds or stalls.
    ///
    /// - Parameter onReady: Gets the port as soon as connections are accepted.
    /// - Throws: What kept it from listening, such as a port in use.
    public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
        let logger = Logger(label: "lark-emulator") { _ in SwiftLogNoOpLogHandler() }
        let server = try makeServer()
            .buildServer(
                configuration: ServerConfiguration(address: .hostname(configuration.host, port: configuration.port)),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                logger: logger
            ) { request, writer, channel in
                try await self.respond(to: request, writer: writer, channel: channel)
            } onServerRunning: { channel in
                await onReady(channel.localAddress?.port ?? 0)
            }
        try await withTaskCancellationHandler {
            async let events: Void = deliverEvents()
            try await server.run()
            await events
        } onCancel: {
            gate.openForGood()
            deliveries.end()
            connections.closeAll()
        }
    }
}
