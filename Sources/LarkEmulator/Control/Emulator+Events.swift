import Synchronization

extension Emulator {
    /// The events so far with all their deliveries, in order of creation.
    public var pushes: [EventPush] {
        platform.withLock { $0.events.pushes }
    }

    /// Waits until that many deliveries have ended since the start, successfully or not. Nothing here polls.
    public func waitForDeliveries(count: Int) async {
        await deliveries.wait(for: count)
    }

    /// Sets the address for events, as in the developer console: it is verified, and on success events follow.
    public func setEventsURL(_ url: String?) {
        platform.withLock { $0.setEventsURL(url) }
        wakeup.signal()
    }
}
