package import LarkAPI

/// The body of `POST /v1/tenants/{name}/quota`.
package struct QuotaRequest: Codable, Sendable {
    package struct Trip: Codable, Sendable {
        let granted: Int64
        let length: Int64
        let isAnswered: Bool
    }

    package let api: String
    /// How many requests to reserve; 0 only asks for the epoch.
    package let count: Int?
    package let trips: [Trip]?
    package let unused: [QuotaReport.Unused]?
    /// How long to grant nothing, in milliseconds.
    package let pauseMs: Int64?

    package init(_ api: RateLimitedAPI, count: Int, report: QuotaReport) {
        self.api = api.rawValue
        self.count = count
        trips = report.trips.map { Trip(granted: $0.granted, length: $0.length, isAnswered: $0.isAnswered) }
        unused = report.unused
        pauseMs = report.pause
    }

    /// The largest integer that every JSON parser reads exactly. No timestamp of this millennium is near it.
    static let largestNumber: Int64 = 1 << 53
    private static let longestWait: Int64 = 3_600_000
    private static let mostGrants = 1000

    /// Whether every number is in its range.
    package var isValid: Bool {
        let instants = 0...Self.largestNumber
        let (trips, unused) = (trips ?? [], unused ?? [])
        return (0...QuotaGrant.largest).contains(count ?? 0) && (0...Self.longestWait).contains(pauseMs ?? 0)
            && trips.count <= Self.mostGrants && unused.count <= Self.mostGrants
            && trips.allSatisfy { instants.contains($0.granted) && (0...Self.longestWait).contains($0.length) }
            && unused.allSatisfy { instants.contains($0.instant) && instants.contains($0.epoch) }
    }

    /// What became of earlier grants.
    package var report: QuotaReport {
        QuotaReport(
            trips: (trips ?? [])
                .map { RoundTrip(granted: $0.granted, length: $0.length, isAnswered: $0.isAnswered) },
            unused: unused ?? [], pause: pauseMs)
    }
}

/// The response to ``QuotaRequest``. Instants are in milliseconds of the service's clock.
package struct QuotaResponse: Codable, Sendable {
    package let now: Int64
    package let instants: [Int64]
    package let epoch: Int64
    /// The shortest round trip in milliseconds; nil while none is known.
    package let fastest: Int64?
    package let isLimited: Bool

    /// Whether every number is in its range.
    var isValid: Bool {
        let numbers = [now, epoch, fastest ?? 0] + instants
        return instants.count <= QuotaGrant.largest && numbers.allSatisfy((0...QuotaRequest.largestNumber).contains)
    }

    package init(now: Int64, instants: [Int64], epoch: Int64, fastest: Int64?, isLimited: Bool) {
        self.now = now
        self.instants = instants
        self.epoch = epoch
        self.fastest = fastest
        self.isLimited = isLimited
    }
}
