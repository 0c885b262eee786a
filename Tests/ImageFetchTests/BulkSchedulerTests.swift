import FoundationEssentials
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

/// Plays the world to a schedule: nothing here waits, so any order of events can be tried.
@Suite("Who is next")
struct BulkScheduleTests {
    /// A schedule, and what it has asked for and not got yet.
    private struct SchedulerHarness {
        var schedule: BulkScheduler
        var reads = 0
        var admits: [TenantQueue.ID] = []
        var downloads: [(id: TenantQueue.ID, job: TenantQueue.Job)] = []
        var rests: [(id: TenantQueue.ID, wait: Duration)] = []
        var waits: [(id: TenantQueue.ID, job: TenantQueue.Job, wait: Duration)] = []
        var drains: [TenantQueue.ID] = []
        var events: [BulkEvent] = []

        mutating func turn() throws {
            for action in try schedule.takeActions() {
                switch action {
                case .read: reads += 1
                case .acquire(let id, _): admits.append(id)
                case .download(let id, let job, _, _): downloads.append((id, job))
                case .rest(let id, let wait): rests.append((id, wait))
                case .wait(let id, let job, let wait): waits.append((id, job, wait))
                case .drain(let id): drains.append(id)
                case .report(let event): events.append(event)
                }
            }
        }

        /// Brings items of a tenant, and says whether there are more.
        mutating func bring(_ tenant: String, _ count: Int, first: Int = 0) throws {
            let tenant = try TenantName(tenant)
            try schedule.arrived(
                (first..<first + count)
                    .map {
                        .download(
                            FetchItem(tenant: tenant, reference: try ImageReference("img_\($0)")),
                            host: LarkHost.lark)
                    })
            try turn()
        }

        /// Grants what was asked for, for all or for one tenant, until nothing more is asked.
        mutating func acquire(only tenant: String? = nil) throws {
            while let index = admits.firstIndex(where: { tenant == nil || $0.tenant.text == tenant }) {
                let id = admits.remove(at: index)
                schedule.admitted(id, QuotaPermit(id.api, for: id.tenant, sendAt: Date(timeIntervalSince1970: 0)))
                try turn()
            }
        }

        mutating func finish(_ index: Int = 0) throws {
            let (id, job) = downloads.remove(at: index)
            schedule.downloaded(
                id, job,
                DownloadOutcome(
                    reference: job.item.reference, status: .downloaded, path: "x", bytes: 1, contentType: nil,
                    sha256: nil, attempts: 1))
            try turn()
        }

        mutating func fail(_ index: Int = 0, _ failure: AttemptFailure) throws {
            let (id, job) = downloads.remove(at: index)
            schedule.attemptFailed(id, job, failure)
            try turn()
        }

        func active(_ tenant: String) -> Int { downloads.count { $0.id.tenant.text == tenant } }
    }

    private func play(jobs: Int, _ body: (inout SchedulerHarness) throws -> Void) async throws {
        try await SpoolFile.with(in: "/tmp") { file in
            var play = SchedulerHarness(
                schedule: BulkScheduler(
                    jobs: jobs, totalTime: .seconds(300), spool: Spool(file), random: { 0.5 }))
            try play.turn()
            try body(&play)
        }
    }

    private static let broken = LarkError(.unreachable, "no network", remedy: "wait", isRetryable: true)

    @Test("No more requests than jobs are under way, and every place is used")
    func places() async throws {
        try await play(jobs: 4) { play in
            try play.bring("a", 20)
            try play.acquire()
            #expect(play.downloads.count == 4)
            try play.finish()
            try play.acquire()
            #expect(play.downloads.count == 4)
        }
    }

    @Test("A tenant that takes long cannot take all places: others find a quarter free")
    func slowTenant() async throws {
        try await play(jobs: 8) { play in
            try play.bring("slow", 100)
            try play.bring("quick", 100)
            try play.acquire(only: "slow")
            #expect(play.active("slow") == 6)
            try play.acquire()
            #expect(play.active("quick") == 2)
            // Every place that the slow one leaves goes to who has fewer.
            for _ in 0..<4 {
                try play.finish(play.downloads.firstIndex { $0.id.tenant.text == "slow" } ?? 0)
                try play.acquire()
            }
            #expect(play.active("slow") == 4)
            #expect(play.active("quick") == 4)
        }
    }

    @Test("A tenant that waits for its quota holds up nobody, and holds no place")
    func limitedTenant() async throws {
        try await play(jobs: 4) { play in
            try play.bring("limited", 50)
            try play.bring("free", 50)
            for _ in 0..<50 {
                try play.acquire(only: "free")
                try play.finish()
            }
            #expect(play.events.count == 50)
            #expect(play.admits.map(\.tenant.text) == ["limited"])
            #expect(play.schedule.snapshot.held == 50)
        }
    }

    @Test("While places are free the list is read on, for somebody who could use them")
    func readsOn() async throws {
        try await play(jobs: 4) { play in
            #expect(play.reads == 1)
            try play.bring("limited", 20_000)
            #expect(play.reads == 2)
            try play.bring("free", 20_000)
            try play.acquire(only: "free")
            let reads = play.reads
            try play.bring("free", 10, first: 30_000)
            #expect(play.reads == reads, "all places are taken and thousands wait")
        }
    }

    @Test("After a 429 the tenant rests as long as the server says, and nothing is lost or counted as a failure")
    func throttled() async throws {
        try await play(jobs: 8) { play in
            try play.bring("a", 3)
            try play.bring("b", 1)
            try play.schedule.arrived(nil)
            try play.acquire()
            try play.fail(0, AttemptFailure(.throttled(.seconds(7)), Self.broken))
            #expect(play.rests.map(\.wait) == [.seconds(7)])
            try play.acquire(only: "a")
            #expect(play.active("a") == 2)
            while !play.downloads.isEmpty { try play.finish() }
            #expect(!play.schedule.isDone)
            play.schedule.rested(play.rests[0].id)
            try play.turn()
            try play.acquire()
            try play.finish()
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.downloaded == 4)
            #expect(play.schedule.snapshot.failed == 0)
        }
    }

    @Test("A request that is put off for ever ends after twenty times")
    func throttledForEver() async throws {
        try await play(jobs: 1) { play in
            try play.bring("a", 1)
            try play.schedule.arrived(nil)
            var turns = 0
            while !play.schedule.isDone, turns < 100 {
                turns += 1
                try play.acquire()
                if !play.downloads.isEmpty {
                    try play.fail(0, AttemptFailure(.throttled(.seconds(1)), Self.broken))
                }
                if let rest = play.rests.popLast() {
                    play.schedule.rested(rest.id)
                    try play.turn()
                }
            }
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.failed == 1)
            #expect(turns == 20)
        }
    }

    @Test("What may pass is tried five times, apart from its lane")
    func passing() async throws {
        try await play(jobs: 2) { play in
            try play.bring("a", 100)
            for attempt in 1...5 {
                try play.acquire()
                let index = play.downloads.firstIndex {
                    $0.job.failures.transient == attempt - 1 && $0.job.item.reference.key.text == "img_0"
                }
                try play.fail(try #require(index), AttemptFailure(.transient, Self.broken))
                // The others are answered, so the lane is well.
                try play.finish()
                if attempt < 5 {
                    let wait = try #require(play.waits.last)
                    play.waits.removeLast()
                    #expect(wait.wait <= .seconds(10))
                    play.schedule.comeBack(wait.id, wait.job)
                    try play.turn()
                }
            }
            #expect(play.waits.isEmpty)
            #expect(play.schedule.snapshot.failed == 1)
        }
    }

    @Test("A platform that is down is asked by one request at a time, and what was under way is not lost")
    func outage() async throws {
        try await play(jobs: 8) { play in
            try play.bring("a", 1000)
            try play.schedule.arrived(nil)
            try play.acquire()
            #expect(play.downloads.count == 8)
            while !play.downloads.isEmpty { try play.fail(0, AttemptFailure(.transient, Self.broken)) }
            try play.acquire()
            #expect(play.downloads.isEmpty, "the lane rests")
            var probes = 0
            while let rest = play.rests.popLast(), probes < 5 {
                play.schedule.rested(rest.id)
                for wait in play.waits { play.schedule.comeBack(wait.id, wait.job) }
                play.waits = []
                try play.turn()
                try play.acquire()
                #expect(play.downloads.count == 1)
                probes += 1
                if probes < 5 { try play.fail(0, AttemptFailure(.transient, Self.broken)) }
            }
            #expect(probes == 5)
            // It is well again: one answer is enough.
            try play.finish()
            try play.acquire()
            #expect(play.downloads.count == 8)
            while !play.schedule.isDone {
                if !play.downloads.isEmpty { try play.finish() }
                try play.acquire()
            }
            #expect(play.schedule.snapshot.downloaded == 1000)
        }
    }

    @Test("A platform that stays down is given up, and the rest of its tenant fails without being asked for")
    func givenUp() async throws {
        try await play(jobs: 8) { play in
            try play.bring("a", 1000)
            try play.schedule.arrived(nil)
            var requests = 0
            var turns = 0
            while !play.schedule.isDone, turns < 10_000 {
                turns += 1
                try play.acquire()
                while !play.downloads.isEmpty {
                    requests += 1
                    try play.fail(0, AttemptFailure(.transient, Self.broken))
                }
                for wait in play.waits { play.schedule.comeBack(wait.id, wait.job) }
                play.waits = []
                if let rest = play.rests.popLast() { play.schedule.rested(rest.id) }
                if let drain = play.drains.popLast() { try play.schedule.drain(drain) }
                try play.turn()
            }
            #expect(play.schedule.snapshot.failed == 1000)
            #expect(requests < 30)
        }
    }

    @Test("A refusal of the tenant as a whole ends both its lanes, and no other tenant's")
    func endsTenant() async throws {
        try await play(jobs: 4) { play in
            try play.bring("a", 600)
            try play.schedule.arrived([
                .download(
                    FetchItem(tenant: try TenantName("a"), reference: try ImageReference("om_1/img_x")), host: .lark)
            ])
            try play.bring("b", 1)
            try play.schedule.arrived(nil)
            try play.turn()
            try play.acquire(only: "a")
            let index = try #require(play.downloads.firstIndex { $0.id.api == .imageGet })
            try play.fail(index, AttemptFailure(.failsTenant, Self.broken))
            while !play.downloads.isEmpty { try play.finish() }
            while let drain = play.drains.popLast() {
                try play.schedule.drain(drain)
                try play.turn()
            }
            try play.acquire()
            while !play.downloads.isEmpty { try play.finish() }
            #expect(play.schedule.isDone)
            let end = play.schedule.snapshot
            #expect(end.failed + end.downloaded == 602)
            #expect(end.downloaded <= 5)
            #expect(end.queued == 0)
        }
    }

    @Test("A stop begins nothing more and lets what is under way end; so does a disk that is full")
    func stop() async throws {
        for isDisk in [false, true] {
            try await play(jobs: 4) { play in
                try play.bring("a", 100)
                try play.acquire()
                #expect(play.downloads.count == 4)
                if isDisk {
                    try play.fail(0, AttemptFailure(.failsRun, Self.broken))
                } else {
                    play.schedule.stop()
                    try play.turn()
                    try play.finish()
                }
                try play.acquire()
                #expect(play.downloads.count == 3)
                #expect(!play.schedule.isDone)
                while !play.downloads.isEmpty { try play.finish() }
                #expect(play.schedule.isDone)
                #expect(play.schedule.snapshot.queued == 96)
            }
        }
    }
}
