import LarkAPI

/// Comes back when a condition holds, and never if it does not: the test's own time limit says so then.
///
/// For what other processes do, which no gate of ours can hold. It looks every 20 ms; how long it takes decides
/// nothing.
public func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
        try await Clocks.system.sleep(.milliseconds(20))
    }
}
