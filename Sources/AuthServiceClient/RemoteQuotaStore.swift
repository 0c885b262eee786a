import FoundationEssentials
package import LarkAPI
import Logging

/// The quotas that an auth service counts, so that they hold across hosts. While the service cannot be reached, this
/// process counts its own requests.
///
/// The service counts in the time of its own clock. The difference to this machine's clock is measured with the first
/// response and kept, so that all instants are shifted alike.
package actor RemoteQuotaStore: QuotaStore {
    /// An epoch is not asked for again within this time, since no permit is used later than that after its instant.
    private static let epochTimeToLive = Duration.milliseconds(250)
    /// How long a service that could not be reached is left alone.
    private static let cooldown = Duration.seconds(5)
    /// By how many milliseconds the clocks may drift apart before the difference is measured again.
    private static let clockTolerance: Int64 = 1000

    private let service: ServiceClient
    private let timing: Clocks
    private let local: InMemoryQuotaStore
    private var clockOffset: Int64?
    private var epochs = ExpiringCache<QuotaKey, Int64>()
    /// The address of the service, while it is left alone.
    private var failures = ExpiringCache<ServiceAddress, Bool>()

    package init(_ service: ServiceClient, timing: Clocks = .system) {
        self.service = service
        self.timing = timing
        local = InMemoryQuotaStore(timing: timing) { _ in .standard }
    }

    package func grant(_ count: Int, from key: QuotaKey, trips: [RoundTrip]) async throws -> QuotaGrant {
        try await remotely {
            let response = try await ask(key, count: count, QuotaReport(trips: trips))
            let shift = clockOffset(of: response)
            return QuotaGrant(
                instants: response.instants.map { $0 - shift }, epoch: response.epoch, now: response.now - shift,
                minimumRoundTrip: response.fastest ?? .max, isLimited: response.isLimited)
        } orLocally: {
            try await local.grant(count, from: key, trips: trips)
        }
    }

    package func epoch(of key: QuotaKey) async throws -> Int64 {
        if let epoch = epochs.value(for: key, at: timing.now()) { return epoch }
        return try await remotely {
            try await ask(key, count: 0, QuotaReport()).epoch
        } orLocally: {
            try await local.epoch(of: key)
        }
    }

    package func note(_ report: QuotaReport, on key: QuotaKey) async throws {
        try await remotely {
            _ = try await ask(key, count: 0, report)
        } orLocally: {
            try await local.note(report, on: key)
        }
    }

    private func ask(_ key: QuotaKey, count: Int, _ report: QuotaReport) async throws -> QuotaResponse {
        let shift = clockOffset ?? 0
        let shifted = QuotaReport(
            trips: report.trips
                .map { RoundTrip(granted: $0.granted + shift, length: $0.length, isAnswered: $0.isAnswered) },
            unused: report.unused.map { QuotaReport.Unused(instant: $0.instant + shift, epoch: $0.epoch) },
            pause: report.pause)
        let response: QuotaResponse = try await service.post(
            QuotaRequest(key.api, count: count, report: shifted), about: key.tenant, to: "quota", retrying: false)
        guard response.isValid, count == 0 || !response.instants.isEmpty else {
            throw LarkError(
                .badAnswer, "\(service.address) returned invalid quota timestamps",
                remedy: Remedy("", PlatformAction.checkServiceAddress))
        }
        epochs.insert(response.epoch, for: key, at: timing.now(), timeToLive: Self.epochTimeToLive)
        return response
    }

    /// By how many milliseconds the service's clock is ahead, less the travel time of its response.
    private func clockOffset(of response: QuotaResponse) -> Int64 {
        let offset = response.now - timing.now().milliseconds
        if let clockOffset, abs(clockOffset - offset) < Self.clockTolerance { return clockOffset }
        clockOffset = offset
        return offset
    }

    private func remotely<Result: Sendable>(
        _ remote: () async throws -> Result, orLocally local: () async throws -> Result
    ) async throws -> Result {
        guard failures.value(for: service.address, at: timing.now()) == nil else { return try await local() }
        do {
            return try await remote()
        } catch let error where error.isTransient {
            Logger.current.warning(
                "requests cannot be counted by the auth service, so this process counts its own",
                metadata: ["error": "\(error)"])
            failures.insert(true, for: service.address, at: timing.now(), timeToLive: Self.cooldown)
            // The service's epochs do not apply to what is counted here.
            epochs.removeAll()
            return try await local()
        }
    }
}
