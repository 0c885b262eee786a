import FoundationEssentials

/// Counts calls in fixed windows of a second and a minute, for each app in each tenant and each API.
struct QuotaWindows: Sendable {
    /// A call above the limit.
    struct Excess: Sendable, Hashable {
        var limit: Int
        /// Whole seconds until calls are accepted again.
        var reset: Int
    }

    private struct Principal: Hashable {
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

    private var counts: [Principal: Counts] = [:]

    /// Counts a call, or throws if it is above the limit; a refused call does not count.
    mutating func admit(
        appID: String,
        tenantKey: String,
        api: PlatformAPI,
        quota: Quota,
        at now: Date
    ) -> Excess? {
        let caller = Principal(appID: appID, tenantKey: tenantKey, api: api)
        let second = Int(now.timeIntervalSince1970.rounded(.down))
        var count = counts[caller] ?? Counts()
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
        counts[caller] = count
        return nil
    }
}
