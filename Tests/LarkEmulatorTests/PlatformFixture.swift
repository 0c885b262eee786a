import LarkEmulator

/// The custom apps cli_a and cli_b and a frozen clock, with the changes of a test.
func configured(_ change: (inout EmulatorConfiguration) -> Void = { _ in }) -> EmulatorConfiguration {
    var configuration = EmulatorConfiguration(apps: [.custom("cli_a", secret: "s"), .custom("cli_b", secret: "s")])
    configuration.freezesClock = true
    change(&configuration)
    return configuration
}

/// Runs a closure with an emulator of its own.
func withPlatform<Result>(
    _ configuration: EmulatorConfiguration = configured(),
    _ body: (Emulator, PlatformClient) async throws -> Result
) async throws -> Result {
    try await withEmulator(configuration) { emulator, port in
        try await body(emulator, PlatformClient(port: port))
    }
}

/// A PNG head with a size, which is as much of an image as the emulator looks at.
func png(width: UInt32 = 2, height: UInt32 = 2, padding: Int = 100) -> [UInt8] {
    let size = [width, height].flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52] + size
        + (0..<padding).map { UInt8(truncatingIfNeeded: $0) }
}
