import FoundationEssentials

/// A limit in two fixed windows; reaching either refuses a call.
public struct Quota: Sendable, Hashable, Codable {
    /// Calls in a second.
    public var perSecond: Int
    /// Calls in a minute.
    public var perMinute: Int

    /// The limit of image APIs unless told otherwise: 50 a second and 1,000 a minute.
    public init(perSecond: Int = 50, perMinute: Int = 1000) {
        self.perSecond = perSecond
        self.perMinute = perMinute
    }
}

/// Counts calls in fixed windows of a second and a minute, for each app in each tenant and each API.
struct QuotaWindows: Sendable {
    /// A call above the limit.
    struct Excess: Sendable, Hashable {
        var limit: Int
        /// Whole seconds until calls are accepted again.
        var reset: Int
    }

    private struct Key: Hashable {
        var appID: String
        var tenantKey: String
        var api: PlatformAPI
    }

    private struct Counts {
        var second = 0
        var inSecond = 0
        var minute = 0
        var inMinute = 0
    }

    private var counts: [Key: Counts] = [:]

    /// Counts a call; nil if it is within the limit. A rejected call does not count.
    mutating func acquire(
        appID: String,
        tenantKey: String,
        api: PlatformAPI,
        quota: Quota,
        at now: Date
    ) -> Excess? {
        let key = Key(appID: appID, tenantKey: tenantKey, api: api)
        let second = Int(now.timeIntervalSince1970.rounded(.down))
        var count = counts[key] ?? Counts()
        if count.second != second {
            count.second = second
            count.inSecond = 0
        }
        if count.minute != second / 60 {
            count.minute = second / 60
            count.inMinute = 0
        }
        if count.inMinute >= quota.perMinute {
            return Excess(limit: quota.perMinute, reset: 60 - second % 60)
        }
        if count.inSecond >= quota.perSecond {
            return Excess(limit: quota.perSecond, reset: 1)
        }
        count.inSecond += 1
        count.inMinute += 1
        counts[key] = count
        return nil
    }
}

extension PlatformState {
    /// Counts a call against the quota, if it is enforced.
    mutating func countCall(appID: String, tenantKey: String, api: PlatformAPI) -> QuotaWindows.Excess? {
        guard enforcesQuota else { return nil }
        return windows.acquire(appID: appID, tenantKey: tenantKey, api: api, quota: quota, at: now)
    }

    static func limited(_ excess: QuotaWindows.Excess, _ response: Response) -> Response {
        var response = response
        response.set("x-ogw-ratelimit-limit", String(excess.limit))
        response.set("x-ogw-ratelimit-reset", String(excess.reset))
        return response
    }
}
