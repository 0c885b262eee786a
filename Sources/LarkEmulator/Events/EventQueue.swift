import FoundationEssentials

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
    var pushes: [EventPush] = []
    private(set) var pending: [Pending] = []
    private var nextTickets: Date?

    mutating func setURL(_ url: String?, appIDs: [String], at now: Date) -> [(AppEvent, appID: String)] {
        self.url = url
        verifiedAppIDs = []
        pending = []
        nextTickets = url == nil ? nil : now
        guard url != nil else { return [] }
        return appIDs.map { (.urlVerification(challenge: Random.hex(digits: 32)), $0) }
    }

    mutating func add(_ event: AppEvent, app: EmulatedApp, due: Date, at now: Date) {
        guard url != nil else { return }
        let uuid = Random.hex(digits: 32)
        let body = JSON.text(event.body(app: app, uuid: uuid, at: now))
        pushes.append(EventPush(uuid: uuid, appID: app.appID, type: event.type, body: body))
        pending.append(Pending(push: pushes.count - 1, event: event, appID: app.appID, attempt: 0, due: due))
    }

    /// Whether the hourly tickets are due; the next ones are then due an hour later.
    mutating func takesTicketTurn(at now: Date) -> Bool {
        guard let due = nextTickets, due <= now else { return false }
        nextTickets = now.addingTimeInterval(Self.ticketInterval)
        return true
    }

    /// Removes and returns what is due now. Only the challenge goes to an address that has not been verified.
    mutating func takeDue(at now: Date) -> [Pending] {
        let due = pending.filter { $0.due <= now && mayGo($0) }
        pending = pending.filter { $0.due > now || !mayGo($0) }
        return due
    }

    /// When the next delivery is due.
    var nextDue: Date? {
        (pending.filter(mayGo).map(\.due) + (nextTickets.map { [$0] } ?? [])).min()
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

    private func mayGo(_ pending: Pending) -> Bool {
        if case .urlVerification = pending.event { return true }
        return verifiedAppIDs.contains(pending.appID)
    }
}
