import FoundationEssentials
public import LarkAPI
import Synchronization
import Testing

/// What every ``RateLimiter`` owes, whoever implements it. A new one is done when it passes.
public struct RateLimiterContract: Sendable {
    private let quota: any RateLimiter
    private let tenant: TenantName
    private let clock: TestClocks

    /// Checks a quota of 2 a second and 5 a minute.
    ///
    /// - Parameters:
    ///   - quota: nothing was asked of it yet.
    ///   - tenant: one that it knows.
    ///   - clock: the one that it goes by.
    public init(_ quota: any RateLimiter, tenant: TenantName, clock: TestClocks) {
        self.quota = quota
        self.tenant = tenant
        self.clock = clock
    }

    /// Permits come at the rate, each when it may be used, and APIs are counted apart.
    ///
    /// - Throws: what the quota throws.
    public func keepsToTheRate() async throws {
        let start = clock.now
        var instants: [Double] = []
        for left in (1...7).reversed() {
            let permit = try await quota.acquire(.imageGet, for: tenant, expecting: left)
            instants.append(permit.sendAt.timeIntervalSince(start))
            #expect(clock.now.timeIntervalSince(permit.sendAt) > -0.002, "a permit is given when it may be used")
        }
        let whole = instants.map { $0.rounded(.down) }
        #expect(whole == [0, 0, 1, 1, 2, 60, 60])
        let before = clock.now
        _ = try await quota.acquire(.messageResourceGet, for: tenant, expecting: 1)
        #expect(clock.now == before, "another API has a quota of its own")
    }

    /// A pause holds back everyone, also those who had a permit reserved.
    ///
    /// - Throws: what the quota throws.
    public func heedsPauses() async throws {
        _ = try await quota.acquire(.imageGet, for: tenant, expecting: 2)
        let start = clock.now
        try await quota.pause(.imageGet, for: tenant, for: .seconds(30))
        _ = try await quota.acquire(.imageGet, for: tenant, expecting: 1)
        #expect(clock.now.timeIntervalSince(start) >= 29.999)
    }

    /// A caller learns that it waits, and until when, before the wait; a pause lasts a minute at most.
    ///
    /// - Throws: what the quota throws.
    public func announcesWaits() async throws {
        let waits = Mutex<[Double]>([])
        let start = clock.now
        @Sendable func acquire() async throws {
            _ = try await quota.acquire(.imageGet, for: tenant, expecting: 1) { end in
                waits.withLock { $0.append(end.timeIntervalSince(start)) }
            }
        }
        try await acquire()
        #expect(waits.withLock { $0 }.isEmpty)
        try await quota.pause(.imageGet, for: tenant, for: .seconds(3600))
        try await acquire()
        let ends = waits.withLock { $0 }
        #expect(ends.count == 1 && abs(ends[0] - 60) < 0.002, "\(ends)")
    }

    /// Who is cancelled waits no longer.
    ///
    /// - Throws: what the quota throws.
    public func endsWhenCancelled() async throws {
        let task = Task {
            while true { _ = try await quota.acquire(.imageGet, for: tenant, expecting: 1) }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
