public import FoundationEssentials
import Synchronization

extension Emulator {
    /// The virtual time.
    public var now: Date {
        world.withLock { $0.clock.now }
    }

    /// Moves the virtual time ahead. Tokens expire, quota windows end, and events that have become due are pushed.
    public func advanceClock(seconds: Double) {
        world.withLock { $0.clock.advance(seconds: seconds) }
        bell.ring()
    }

    /// Holds the virtual time still, or lets it run again from where it stood.
    public func freezeClock(_ isFrozen: Bool = true) {
        world.withLock { $0.clock.isFrozen = isFrozen }
        bell.ring()
    }
}
