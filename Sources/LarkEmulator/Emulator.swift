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
    let deliveries = Condition(DeliveryCount())
    /// Signals that events may be due. Signals that arrive before ``deliverEvents()`` runs are coalesced.
    let wakeup = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

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
            gate.open()
            deliveries.update { $0.isOver = true }
            connections.closeAll()
        }
    }
}

/// Runs a closure with an emulator of its own, and stops the emulator when the closure ends.
///
/// ```swift
/// let tokens = try await withEmulator(EmulatorConfiguration(apps: [.custom("cli_a", secret: "s")])) { emulator, port in
///     …
///     return emulator.count(of: .tenantAccessTokenInternal)
/// }
/// ```
///
/// - Parameters:
///   - configuration: The apps and everything else it starts with.
///   - body: A closure that receives the emulator and its port.
/// - Returns: The closure's result.
/// - Throws: The closure's error, or an error if the emulator cannot listen.
public func withEmulator<Result>(
    _ configuration: EmulatorConfiguration = EmulatorConfiguration(),
    _ body: (Emulator, Int) async throws -> Result
) async throws -> Result {
    let emulator = Emulator(configuration)
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { ready.finish() }
            try await emulator.run { ready.yield($0) }
        }
        defer { group.cancelAll() }
        for await port in ports {
            return try await body(emulator, port)
        }
        // The stream ended without a port: the emulator never listened, and its task throws the reason.
        try await group.waitForAll()
        throw CancellationError()
    }
}
