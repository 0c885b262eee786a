import FoundationEssentials
import Synchronization

/// The events to deliver, and when.
struct EventQueue: Sendable {
    /// A scheduled delivery.
    struct Pending: Sendable {
        var push: Int
        var event: AppEvent
        var appID: String
        var attempt: Int
        var due: Date
    }

    /// Seconds until the next attempt after a failed one ("Event overview"): then the platform gives up.
    static let retryDelays: [Double] = [15, 300, 3600, 21600]
    /// Seconds between two pushes of app_ticket.
    static let ticketInterval: Double = 3600

    var url: String?
    /// The apps whose address has passed the challenge.
    var verifiedAppIDs: Set<String> = []
    /// The apps that have been sent a challenge for this address.
    private(set) var challengedAppIDs: Set<String> = []
    var pushes: [EventPush] = []
    private(set) var pending: [Pending] = []
    private var nextTickets: Date?

    mutating func setURL(_ url: String?, appIDs: [String], at now: Date) -> [(AppEvent, appID: String)] {
        self.url = url
        verifiedAppIDs = []
        challengedAppIDs = []
        pending = []
        nextTickets = url == nil ? nil : now
        guard url != nil else { return [] }
        return appIDs.map { (.urlVerification(challenge: Identifiers.hex(digits: 32)), $0) }
    }

    mutating func add(_ event: AppEvent, app: EmulatedApp, due: Date, at now: Date) {
        guard url != nil else { return }
        if case .urlVerification = event { challengedAppIDs.insert(app.appID) }
        let uuid = Identifiers.hex(digits: 32)
        let body = JSONValue.serialize(event.body(app: app, uuid: uuid, at: now))
        pushes.append(EventPush(uuid: uuid, appID: app.appID, type: event.type, body: body))
        pending.append(Pending(push: pushes.count - 1, event: event, appID: app.appID, attempt: 0, due: due))
    }

    /// Whether the hourly tickets are due; the next ones are then due an hour later.
    mutating func claimHourlyTickets(at now: Date) -> Bool {
        guard let due = nextTickets, due <= now else { return false }
        nextTickets = now.addingTimeInterval(Self.ticketInterval)
        return true
    }

    /// Removes and returns what is due now. Only the challenge goes to an address that has not been verified.
    mutating func takeDue(at now: Date) -> [Pending] {
        let due = pending.filter { $0.due <= now && isDeliverable($0) }
        pending = pending.filter { $0.due > now || !isDeliverable($0) }
        return due
    }

    /// When the next delivery is due.
    var nextDue: Date? {
        (pending.filter(isDeliverable).map(\.due) + (nextTickets.map { [$0] } ?? [])).min()
    }

    /// Records a delivery and schedules what follows: a repeat after a failure, duplicates if configured.
    mutating func complete(_ done: Pending, _ delivery: EventPush.Delivery, duplicates: Int, at now: Date) {
        guard pushes.indices.contains(done.push) else { return }
        pushes[done.push].deliveries.append(delivery)
        if delivery.succeeded {
            if case .urlVerification = done.event {
                verifiedAppIDs.insert(done.appID)
            } else if pushes[done.push].deliveries.count(where: \.succeeded) <= duplicates {
                pending.append(Pending(push: done.push, event: done.event, appID: done.appID, attempt: 0, due: now))
            }
        } else if done.attempt < Self.retryDelays.count {
            var next = done
            next.due = delivery.time.addingTimeInterval(Self.retryDelays[done.attempt])
            next.attempt += 1
            pending.append(next)
        }
    }

    private func isDeliverable(_ pending: Pending) -> Bool {
        if case .urlVerification = pending.event { return true }
        return verifiedAppIDs.contains(pending.appID)
    }
}

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
        if events.claimHourlyTickets(at: now) {
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

extension Emulator {
    /// The events so far with all their deliveries, in order of creation.
    public var pushes: [EventPush] {
        platform.withLock { $0.events.pushes }
    }

    /// Waits until that many deliveries have ended since the start, successfully or not.
    public func waitForDeliveries(count: Int) async {
        await deliveries.wait { $0.isOver || $0.count >= count }
    }

    /// Sets the address for events, as in the developer console: it is verified, and on success events follow.
    public func setEventsURL(_ url: String?) {
        platform.withLock { $0.setEventsURL(url) }
        wakeup.continuation.yield()
    }
}
