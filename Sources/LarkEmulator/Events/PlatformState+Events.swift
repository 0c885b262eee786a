import FoundationEssentials

extension PlatformState {
    /// Sets the address for events and sends every store app's challenge to it.
    mutating func setEventsURL(_ url: String?) {
        let now = clock.now
        let storeAppIDs = apps.values.filter { $0.kind == .store }.map(\.appID).sorted()
        for (event, appID) in events.setURL(url, appIDs: storeAppIDs, at: now) {
            push(event, appID: appID)
        }
    }

    /// Queues an event for an app.
    mutating func push(_ event: AppEvent, appID: String, after delay: Int = 0) {
        guard let app = apps[appID], app.kind == .store else { return }
        let now = clock.now
        events.add(event, app: app, due: now.addingTimeInterval(Double(delay)), at: now)
    }

    /// Removes and returns the deliveries that are due now; makes the hourly tickets.
    mutating func takeDueDeliveries() -> [EventQueue.Pending] {
        let now = clock.now
        if events.takesTicketTurn(at: now) {
            for appID in tickets.keys.sorted() {
                if let ticket = renewTicket(of: appID) {
                    push(.appTicket(ticket), appID: appID)
                }
            }
        }
        return events.takeDue(at: now)
    }

    /// Real seconds until the next delivery is due; nil if none is scheduled or the clock is frozen.
    var secondsUntilNextEvent: Double? {
        guard !clock.isFrozen, let due = events.nextDue else { return nil }
        return max(0, due.timeIntervalSince(clock.now))
    }
}
