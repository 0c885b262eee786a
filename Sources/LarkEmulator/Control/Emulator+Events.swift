import Synchronization

extension Emulator {
    /// The events so far with all their deliveries, in the order in which they were made.
    public var pushes: [EventPush] {
        world.withLock { $0.events.pushes }
    }

    /// Waits until that many deliveries of events have ended since the start, well or not. Nothing here polls.
    public func waitForDeliveries(count: Int) async {
        await deliveries.wait(for: count)
    }

    /// Sets the address for events, as in the developer console: it is verified, and on success events follow.
    public func setEventsURL(_ url: String?) {
        world.withLock { $0.setEventsURL(url) }
        bell.ring()
    }
}
