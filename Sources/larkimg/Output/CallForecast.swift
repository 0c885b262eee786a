import ImageFetch
import LarkAPI
import TokenStore

/// The calls to the platform that a dry run would make: one for each download, and for each message that is requested.
/// The same image in several messages is one download.
struct CallForecast {
    private var counts: [QuotaKey: Int] = [:]
    private var contents: Set<ContentID> = []

    /// An app, whose tenants share its quota of the month.
    private struct App: Hashable {
        let host: LarkHost
        let appID: AppID
    }

    /// Counts the call of a download.
    mutating func add(_ item: FetchItem) {
        if let content = ContentID(item), !contents.insert(content).inserted { return }
        counts[QuotaKey(item.reference.api, of: item.tenant), default: 0] += 1
    }

    /// Counts the call for a message.
    mutating func add(_ lookup: MessageLookup) { counts[QuotaKey(.messageGet, of: lookup.tenant), default: 0] += 1 }

    /// How many calls there are, and how long they take if nothing but the rate limit holds them up.
    func text(_ tokens: TokenBackend) -> String {
        let count = counts.values.reduce(0, +)
        // Tenants and APIs have limits of their own, and are served side by side.
        let time = counts.map { (tokens.known($0.tenant)?.quota ?? .standard).time(for: $1) }.max() ?? .zero
        let calls = "\(count) call\(count == 1 ? "" : "s")"
        guard time > .zero else { return calls }
        return "\(calls), at least \(TimeSpan.text(seconds: time / .seconds(1))) at the rate limit"
    }

    /// A warning for each app whose month's quota does not suffice.
    ///
    /// - Throws: errors of reading the counts.
    func warnings(_ tokens: TokenBackend) async throws -> String {
        let months = try await tokens.monthCalls(Set(counts.keys.map(\.tenant)).sorted { $0.text < $1.text })
        var calls: [App: Int] = [:]
        var apps: [App: MonthCalls] = [:]
        for (key, count) in counts {
            guard let tenant = tokens.known(key.tenant), let month = months[key.tenant] else { continue }
            let app = App(host: tenant.host, appID: tenant.appID)
            calls[app, default: 0] += count
            apps[app] = month
        }
        return apps.sorted { $0.key.appID.text < $1.key.appID.text }
            .map { app, month in Self.warning(app.appID, month, calls: calls[app] ?? 0, reserve: tokens.monthReserve) }
            .joined()
    }

    private static func warning(_ app: AppID, _ month: MonthCalls, calls: Int, reserve: Int?) -> String {
        guard let quota = month.quota, let left = month.left, calls > max(left - (reserve ?? 0), 0) else { return "" }
        let kept = reserve.map { ", of which \($0) are kept in reserve" } ?? ""
        let next = "The next month begins on \(CalendarMonth(of: Clocks.system.now()).next.start)"
        return """
            larkimg: the app \(app) has \(left) of \(quota) calls left this month\(kept), and the run makes \(calls)
              \(Language.current.text(next))

            """
    }
}
