/// The app_tickets of one store app.
struct AppTickets: Sendable {
    var current: String
    var previous: String?

    /// Replaces the current ticket by a new one.
    mutating func renew() {
        previous = current
        current = Self.newTicket()
    }

    static func newTicket() -> String {
        "ticket-\(Random.hex(digits: 32))"
    }
}

extension PlatformState {
    func currentTicket(of appID: String) -> String? {
        tickets[appID]?.current
    }

    /// Makes a new ticket for a store app and returns it.
    mutating func renewTicket(of appID: String) -> String? {
        tickets[appID]?.renew()
        return currentTicket(of: appID)
    }

    /// Whether a ticket is valid. Its lifetime is not documented, so a switch decides about the previous one.
    func acceptsTicket(_ ticket: String, of appID: String) -> Bool {
        guard let tickets = tickets[appID] else { return false }
        return ticket == tickets.current || (switches.acceptsPreviousTicket && ticket == tickets.previous)
    }
}
