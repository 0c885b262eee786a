public import FoundationEssentials
import Synchronization

/// The emulator's time. It follows the computer's clock, and can be advanced or frozen.
struct VirtualClock: Sendable {
    private let started: Date
    private let startedAt: ContinuousClock.Instant
    private var offset: Double = 0
    private var frozenElapsed: Double?

    init(frozen: Bool) {
        started = Date.now
        startedAt = ContinuousClock.now
        frozenElapsed = frozen ? 0 : nil
    }

    /// The current virtual time.
    var now: Date {
        started.addingTimeInterval(offset + (frozenElapsed ?? elapsed))
    }

    /// Whether the clock is frozen.
    var isFrozen: Bool {
        get { frozenElapsed != nil }
        set {
            guard newValue != isFrozen else { return }
            if let held = frozenElapsed {
                offset += held - elapsed
                frozenElapsed = nil
            } else {
                frozenElapsed = elapsed
            }
        }
    }

    mutating func advance(seconds: Double) {
        offset += seconds
    }

    private var elapsed: Double {
        (ContinuousClock.now - startedAt) / .seconds(1)
    }
}

extension Emulator {
    /// The virtual time.
    public var now: Date {
        platform.withLock { $0.clock.now }
    }

    /// Advances the clock. Tokens expire, quota windows end, and events that become due are pushed.
    public func advanceClock(seconds: Double) {
        platform.withLock { $0.clock.advance(seconds: seconds) }
        wakeup.continuation.yield()
    }

    /// Freezes the clock, or lets it continue from where it stopped.
    public func freezeClock(_ isFrozen: Bool = true) {
        platform.withLock { $0.clock.isFrozen = isFrozen }
        wakeup.continuation.yield()
    }
}
