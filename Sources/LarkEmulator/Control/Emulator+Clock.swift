public import FoundationEssentials
import Synchronization

extension Emulator {
    /// The virtual time.
    public var now: Date {
        platform.withLock { $0.clock.now }
    }

    /// Advances the clock. Tokens expire, quota windows end, and events that become due are pushed.
    public func advanceClock(seconds: Double) {
        platform.withLock { $0.clock.advance(seconds: seconds) }
        wakeup.signal()
    }

    /// Freezes the clock, or lets it continue from where it stopped.
    public func freezeClock(_ isFrozen: Bool = true) {
        platform.withLock { $0.clock.isFrozen = isFrozen }
        wakeup.signal()
    }
}
