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
