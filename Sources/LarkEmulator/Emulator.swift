import FoundationEssentials
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A local Lark platform: tokens, tickets, images, messages, quotas, events and faults.
///
/// It behaves as the platform's documentation describes and as was observed. Its state is in
/// memory, its secrets are made up, and it has its own clock.
public final class Emulator: Sendable {
    let configuration: EmulatorConfiguration
    let platform: Mutex<PlatformState>
    let gate = Gate()
    let connections = OpenConnections()
    let wakeup = Wakeup()
    let deliveries = CountdownWaiter()

    /// Creates an emulator; ``run(onReady:)`` starts it.
    public init(_ configuration: EmulatorConfiguration = EmulatorConfiguration()) {
        self.configuration = configuration
        platform = Mutex(PlatformState(configuration))
    }

    /// Serves until the surrounding task is cancelled.
    ///
    /// Stopping closes every connection at once, including those that a fault holds or stalls.
    ///
    /// - Parameter onReady: Receives the port once connections are accepted.
    /// - Throws: An error if it cannot listen, for example because the port is in use.
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
