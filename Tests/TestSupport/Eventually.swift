import LarkAPI
import Synchronization
public import Testing

/// Returns when a condition holds.
///
/// For what other processes do, which no gate of a test can hold. The condition is checked every 20 ms; how long it
/// takes decides nothing, but a condition that never holds must not keep a test running.
///
/// - Parameters:
///   - timeout: how long to wait, far more than the slowest machine needs.
///   - sourceLocation: where the test waits.
///   - condition: what is waited for.
/// - Throws: ``NeverHeld`` when the condition still does not hold after the timeout; what the condition throws.
public func eventually(
    within timeout: Duration = .seconds(120), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + timeout
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NeverHeld(timeout: timeout, location: sourceLocation) }
        try await Clocks.system.sleep(.milliseconds(20))
    }
}

/// A condition that did not hold in time.
public struct NeverHeld: Error, CustomStringConvertible {
    let timeout: Duration
    let location: SourceLocation

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        "the condition at \(location.fileID):\(location.line) did not hold within \(timeout.components.seconds) s"
    }
}

/// Ends the loops that a test runs beside its own work.
public final class StopFlag: Sendable {
    private let flag = Mutex(false)

    /// A flag that is not set.
    public init() {}

    /// Whether ``set()`` was called.
    public var isSet: Bool { flag.withLock { $0 } }

    /// Sets the flag for good.
    public func set() { flag.withLock { $0 = true } }
}
