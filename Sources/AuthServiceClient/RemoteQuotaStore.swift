import FoundationEssentials
package import LarkAPI
import Logging

/// The logs of an auth service, so that a quota holds across hosts. While the service is gone, this process counts for
/// itself.
///
/// Instants are the service's own outside this type's calls, and this machine's inside: the difference of the two
/// clocks, and half the way, is taken from the first answer, so that all instants of a process are shifted alike.
package actor RemoteQuotaStore: QuotaStore {
    private struct Known {
        var epoch: Int64
        var at: Date
    }

    /// How long an epoch is taken as it was told, in seconds: no permit is used later than that after its instant.
    private static let span = 0.25
    /// After a service that could not be reached, in seconds.
    private static let pause = 5.0
    /// By how many milliseconds the clocks may drift apart before they are compared anew.
    private static let drift: Int64 = 1000

    private let service: ServiceClient
    private let timing: Clocks
    private let memory: InMemoryQuotaStore
    private var clockOffset: Int64?
    private var epochs: [QuotaKey: Known] = [:]
    private var unavailableSince = Date.distantPast

    package init(_ service: ServiceClient, timing: Clocks = .system) {
        self.service = service
        self.timing = timing
        memory = InMemoryQuotaStore(timing: timing) { _ in .standard }
    }

    package func grant(_ count: Int, from line: QuotaKey, trips: [RoundTrip]) async throws -> QuotaGrant {
        try await either {
            let reply = try await ask(line, count: count, QuotaReport(trips: trips))
            let shift = shift(to: reply)
            return QuotaGrant(
                instants: reply.instants.map { $0 - shift }, epoch: reply.epoch, now: reply.now - shift,
                minimumRoundTrip: reply.fastest ?? .max, isLimited: reply.isLimited)
        } orInMemory: {
            try await memory.grant(count, from: line, trips: trips)
        }
    }

    package func epoch(of line: QuotaKey) async throws -> Int64 {
        if let known = epochs[line], (0..<Self.span).contains(timing.now().timeIntervalSince(known.at)) {
            return known.epoch
        }
        return try await either {
            try await ask(line, count: 0, QuotaReport()).epoch
        } orInMemory: {
            try await memory.epoch(of: line)
        }
    }

    package func note(_ report: QuotaReport, on line: QuotaKey) async throws {
        try await either {
            _ = try await ask(line, count: 0, report)
        } orInMemory: {
            try await memory.note(report, on: line)
        }
    }

    private func ask(_ line: QuotaKey, count: Int, _ report: QuotaReport) async throws -> QuotaResponse {
        let shift = clockOffset ?? 0
        let shifted = QuotaReport(
            trips: report.trips
                .map { RoundTrip(granted: $0.granted + shift, length: $0.length, isAnswered: $0.isAnswered) },
            unused: report.unused.map { QuotaReport.Unused(instant: $0.instant + shift, epoch: $0.epoch) },
            pause: report.pause)
        let reply: QuotaResponse = try await service.post(
            QuotaRequest(line.api, count: count, report: shifted), about: line.tenant, to: "quota", retrying: false)
        guard reply.isValid, count == 0 || !reply.instants.isEmpty else {
            throw LarkError(
                .badAnswer, "\(service.address) grants requests at times that are none",
                remedy: "Check --auth-service: it must be the address of larkimg serve")
        }
        epochs[line] = Known(epoch: reply.epoch, at: timing.now())
        return reply
    }

    /// By how many milliseconds the service's clock is ahead, less the travel time of its answer.
    private func shift(to reply: QuotaResponse) -> Int64 {
        let now = reply.now - timing.now().milliseconds
        if let clockOffset, abs(clockOffset - now) < Self.drift { return clockOffset }
        clockOffset = now
        return now
    }

    private func either<Result: Sendable>(
        _ remote: () async throws -> Result, orInMemory local: () async throws -> Result
    ) async throws -> Result {
        guard !(0..<Self.pause).contains(timing.now().timeIntervalSince(unavailableSince)) else {
            return try await local()
        }
        do {
            return try await remote()
        } catch let error where ServiceClient.isTransient(error) {
            Logger.current.warning(
                "requests cannot be counted by the auth service, so this process counts its own",
                metadata: ["error": "\(error)"])
            unavailableSince = timing.now()
            // What the service granted is of another count.
            epochs = [:]
            return try await local()
        }
    }
}
