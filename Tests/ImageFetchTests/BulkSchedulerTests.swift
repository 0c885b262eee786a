import FoundationEssentials
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

/// Plays events to a scheduler: nothing here waits, so any order of events can be tried.
@Suite("The order of downloads")
struct BulkSchedulerTests {
    /// A scheduler, and the actions that are not done yet.
    private struct SchedulerHarness {
        var schedule: BulkScheduler
        let clock: TestClocks
        var items: [FetchItem] = []
        var reads = 0
        var acquires: [(id: TenantQueue.ID, limit: Duration)] = []
        var downloads: [(id: TenantQueue.ID, job: TenantQueue.Job)] = []
        var pauses: [(id: TenantQueue.ID, wait: Duration)] = []
        var waits: [(id: TenantQueue.ID, position: SourcePosition, wait: Duration)] = []
        var drains: [TenantQueue.ID] = []
        var events: [BulkEvent] = []

        mutating func turn() {
            for action in schedule.takeActions() {
                switch action {
                case .read: reads += 1
                case .acquire(let id, _, let limit): acquires.append((id, limit))
                case .download(let id, let job, _, _): downloads.append((id, job))
                case .pause(let id, let wait): pauses.append((id, wait))
                case .wait(let id, let position, let wait): waits.append((id, position, wait))
                case .drain(let id): drains.append(id)
                case .report(let event): events.append(event)
                case .fail(let jobs, let error):
                    events += jobs.map { .failed(item($0), DownloadFailure(error: error, attempts: $0.attempts)) }
                }
            }
        }

        func item(_ job: TenantQueue.Job) -> FetchItem { items[Int(job.position)] }

        /// Brings items of a tenant.
        mutating func bring(_ tenant: String, _ keys: [String]) throws {
            let arrivals = try keys.map { key in
                let item = FetchItem(tenant: try TenantName(tenant), reference: try ImageReference(key))
                items.append(item)
                return ListResolver.ResolvedItem.download(
                    TenantQueue.ID(item), at: SourcePosition(items.count - 1),
                    TenantPlatform(host: .lark, rate: .standard))
            }
            schedule.arrived(arrivals)
            turn()
        }

        mutating func bring(_ tenant: String, _ count: Int, first: Int = 0) throws {
            try bring(tenant, (first..<first + count).map { "img_\($0)" })
        }

        /// Grants all permits that are asked for, for all or for one tenant.
        mutating func acquire(only tenant: String? = nil, waited: Duration = .zero) {
            while let index = acquires.firstIndex(where: { tenant == nil || $0.id.tenant.text == tenant }) {
                let id = acquires.remove(at: index).id
                let permit = QuotaPermit(id.api, for: id.tenant, sendAt: Date(timeIntervalSince1970: 0))
                schedule.acquired(id, permit, waited: waited)
                turn()
            }
        }

        mutating func finish(_ index: Int = 0) {
            let (id, job) = downloads.remove(at: index)
            let item = item(job)
            let outcome = DownloadOutcome(
                reference: item.reference, status: .downloaded, path: "x", bytes: 1, contentType: nil, sha256: nil,
                attempts: 1)
            schedule.downloaded(id, job, item, outcome)
            turn()
        }

        mutating func fail(_ index: Int = 0, _ failure: AttemptFailure) {
            let (id, job) = downloads.remove(at: index)
            schedule.attemptFailed(id, job, item(job), failure)
            turn()
        }

        /// Lets all waits before a retry end.
        mutating func endWaits() {
            for wait in waits { schedule.retryIsDue(wait.id, at: wait.position) }
            waits = []
            turn()
        }

        func active(_ tenant: String) -> Int { downloads.count { $0.id.tenant.text == tenant } }
    }

    private func play(jobs: Int, _ body: (inout SchedulerHarness) throws -> Void) throws {
        let clock = TestClocks()
        var play = SchedulerHarness(
            schedule: BulkScheduler(jobs: jobs, totalTime: .seconds(300), clocks: clock.timing), clock: clock)
        play.turn()
        try body(&play)
    }

    private static let broken = LarkError(.unreachable, "no network", remedy: "wait", isRetryable: true)

    @Test("No more requests than jobs are in flight, and every place is used")
    func places() throws {
        try play(jobs: 4) { play in
            try play.bring("a", 20)
            play.acquire()
            #expect(play.downloads.count == 4)
            play.finish()
            play.acquire()
            #expect(play.downloads.count == 4)
        }
    }

    @Test("A slow tenant cannot take all places: a quarter is left for others")
    func slowTenant() throws {
        try play(jobs: 8) { play in
            try play.bring("slow", 100)
            try play.bring("quick", 100)
            play.acquire(only: "slow")
            #expect(play.active("slow") == 6)
            play.acquire()
            #expect(play.active("quick") == 2)
            // Every place that the slow one leaves goes to who has fewer.
            for _ in 0..<4 {
                play.finish(play.downloads.firstIndex { $0.id.tenant.text == "slow" } ?? 0)
                play.acquire()
            }
            #expect(play.active("slow") == 4)
            #expect(play.active("quick") == 4)
        }
    }

    @Test("A tenant that waits for its rate limit holds up nobody, and holds no place")
    func limitedTenant() throws {
        try play(jobs: 4) { play in
            try play.bring("limited", 50)
            try play.bring("free", 50)
            for _ in 0..<50 {
                play.acquire(only: "free")
                play.finish()
            }
            #expect(play.events.count == 50)
            #expect(play.acquires.map(\.id.tenant.text) == ["limited"])
            #expect(play.schedule.snapshot.held == 50)
        }
    }

    @Test("While places are free, reading continues, for tenants that could use them")
    func readsOn() throws {
        try play(jobs: 4) { play in
            #expect(play.reads == 1)
            try play.bring("limited", 20_000)
            #expect(play.reads == 2)
            try play.bring("free", 20_000)
            play.acquire(only: "free")
            let reads = play.reads
            try play.bring("free", 10, first: 30_000)
            #expect(play.reads == reads, "all places are taken and thousands wait")
        }
    }

    @Test("After a 429 the tenant pauses as long as the server says, and nothing is lost or counted as a failure")
    func throttled() throws {
        try play(jobs: 8) { play in
            try play.bring("a", 3)
            try play.bring("b", 1)
            play.schedule.arrived(nil)
            play.acquire()
            play.fail(0, AttemptFailure(.throttled(.seconds(7)), Self.broken))
            #expect(play.pauses.map(\.wait) == [.seconds(7)])
            play.acquire(only: "a")
            #expect(play.active("a") == 2)
            while !play.downloads.isEmpty { play.finish() }
            #expect(!play.schedule.isDone)
            play.schedule.pauseEnded(play.pauses[0].id)
            play.turn()
            play.acquire()
            play.finish()
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.downloaded == 4)
            #expect(play.schedule.snapshot.failed == 0)
        }
    }

    @Test("A request that is always throttled fails after twenty attempts")
    func throttledForEver() throws {
        try play(jobs: 1) { play in
            try play.bring("a", 1)
            play.schedule.arrived(nil)
            var turns = 0
            while !play.schedule.isDone, turns < 100 {
                turns += 1
                play.acquire()
                if !play.downloads.isEmpty {
                    play.fail(0, AttemptFailure(.throttled(.seconds(1)), Self.broken))
                }
                if let pause = play.pauses.popLast() {
                    play.schedule.pauseEnded(pause.id)
                    play.turn()
                }
            }
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.failed == 1)
            #expect(turns == 20)
        }
    }

    @Test("A transient error is retried up to five attempts, while others of the tenant go on")
    func passing() throws {
        try play(jobs: 2) { play in
            try play.bring("a", 100)
            for attempt in 1...5 {
                play.acquire()
                let index = play.downloads.firstIndex {
                    $0.job.failures.transient == attempt - 1 && $0.job.position == 0
                }
                play.fail(try #require(index), AttemptFailure(.transient, Self.broken))
                // The others are answered, so the lane is well.
                play.finish()
                if attempt < 5 {
                    let wait = try #require(play.waits.last)
                    play.waits.removeLast()
                    #expect(wait.wait <= .seconds(10))
                    play.schedule.retryIsDue(wait.id, at: wait.position)
                    play.turn()
                }
            }
            #expect(play.waits.isEmpty)
            #expect(play.schedule.snapshot.failed == 1)
        }
    }

    @Test("A failing platform is probed by one request at a time, and what was in flight is not lost")
    func outage() throws {
        try play(jobs: 8) { play in
            try play.bring("a", 1000)
            play.schedule.arrived(nil)
            play.acquire()
            #expect(play.downloads.count == 8)
            while !play.downloads.isEmpty { play.fail(0, AttemptFailure(.transient, Self.broken)) }
            play.acquire()
            #expect(play.downloads.isEmpty, "the lane rests")
            var probes = 0
            while let pause = play.pauses.popLast(), probes < 5 {
                play.schedule.pauseEnded(pause.id)
                play.endWaits()
                play.acquire()
                #expect(play.downloads.count == 1)
                probes += 1
                if probes < 5 { play.fail(0, AttemptFailure(.transient, Self.broken)) }
            }
            #expect(probes == 5)
            // It is well again: one answer is enough.
            play.finish()
            play.acquire()
            #expect(play.downloads.count == 8)
            while !play.schedule.isDone {
                if !play.downloads.isEmpty { play.finish() }
                play.acquire()
            }
            #expect(play.schedule.snapshot.downloaded == 1000)
        }
    }

    @Test("A failed probe does not count against the download that probes")
    func probes() throws {
        try play(jobs: 1) { play in
            try play.bring("a", 1)
            play.schedule.arrived(nil)
            for _ in 0..<12 {
                play.acquire()
                play.fail(0, AttemptFailure(.transient, Self.broken))
                play.endWaits()
                if let pause = play.pauses.popLast() { play.schedule.pauseEnded(pause.id) }
                play.turn()
            }
            play.acquire()
            play.finish()
            #expect(play.schedule.snapshot.downloaded == 1)
            #expect(play.schedule.snapshot.failed == 0)
        }
    }

    @Test("A platform that stays down is given up, and the rest of the tenant fails without requests")
    func givenUp() throws {
        try play(jobs: 8) { play in
            try play.bring("a", 1000)
            play.schedule.arrived(nil)
            var requests = 0
            var turns = 0
            while !play.schedule.isDone, turns < 10_000 {
                turns += 1
                play.acquire()
                while !play.downloads.isEmpty {
                    requests += 1
                    play.fail(0, AttemptFailure(.transient, Self.broken))
                }
                play.endWaits()
                if let pause = play.pauses.popLast() { play.schedule.pauseEnded(pause.id) }
                if let drain = play.drains.popLast() { play.schedule.drain(drain) }
                play.turn()
            }
            #expect(play.schedule.snapshot.failed == 1000)
            #expect(requests < 30)
        }
    }

    @Test("A refusal of the whole tenant ends both its queues, and no other tenant's")
    func endsTenant() throws {
        try play(jobs: 4) { play in
            try play.bring("a", 600)
            try play.bring("a", ["om_1/img_x"])
            try play.bring("b", 1)
            play.schedule.arrived(nil)
            play.turn()
            play.acquire(only: "a")
            let index = try #require(play.downloads.firstIndex { $0.id.api == .imageGet })
            play.fail(index, AttemptFailure(.failsTenant, Self.broken))
            while !play.downloads.isEmpty { play.finish() }
            while let drain = play.drains.popLast() {
                play.schedule.drain(drain)
                play.turn()
            }
            play.acquire()
            while !play.downloads.isEmpty { play.finish() }
            #expect(play.schedule.isDone)
            let end = play.schedule.snapshot
            #expect(end.failed + end.downloaded == 602)
            #expect(end.downloaded <= 5)
            #expect(end.queued == 0)
        }
    }

    @Test("A stop starts nothing more and lets downloads in flight end; so does a full disk")
    func stop() throws {
        for isDisk in [false, true] {
            try play(jobs: 4) { play in
                try play.bring("a", 100)
                play.acquire()
                #expect(play.downloads.count == 4)
                if isDisk {
                    play.fail(0, AttemptFailure(.failsRun, Self.broken))
                } else {
                    play.schedule.stop()
                    play.turn()
                    play.finish()
                }
                play.acquire()
                #expect(play.downloads.count == 3)
                #expect(!play.schedule.isDone)
                while !play.downloads.isEmpty { play.finish() }
                #expect(!play.schedule.isDone, "a part of the list is being read")
                play.schedule.arrived([])
                #expect(play.schedule.isDone)
                #expect(play.schedule.snapshot.queued == 96)
            }
        }
    }

    @Test("The time of a download includes the wait for its permit, and the waits between its attempts")
    func deadline() throws {
        try play(jobs: 1) { play in
            try play.bring("a", 1)
            #expect(play.acquires.map(\.limit) == [.seconds(300)])
            play.acquire(waited: .seconds(100))
            #expect(play.downloads[0].job.deadline - play.clock.timing.instant() == .seconds(200))
            play.clock.advance(150)
            play.fail(0, AttemptFailure(.transient, Self.broken))
            play.clock.advance(10)
            play.endWaits()
            #expect(play.acquires.map(\.limit) == [.seconds(40)])
            play.acquire()
            play.clock.advance(39.9)
            // The next wait would be longer than what is left.
            play.fail(0, AttemptFailure(.transient, Self.broken))
            #expect(play.waits.isEmpty)
            #expect(play.schedule.snapshot.failed == 1)
        }
    }

    @Test("A download whose permit does not come in time fails; the next one has its own time")
    func permitTimesOut() throws {
        try play(jobs: 4) { play in
            try play.bring("a", 3)
            play.schedule.arrived(nil)
            for _ in 0..<2 {
                let id = play.acquires.removeFirst().id
                play.schedule.acquireTimedOut(id, LarkError.noPermit(within: .seconds(300)))
                play.turn()
            }
            #expect(play.events.count == 2)
            #expect(play.acquires.map(\.limit) == [.seconds(300)])
            play.acquire()
            play.finish()
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.downloaded == 1)
        }
    }

    @Test("A pause longer than a download may take ends the queue with the platform's words, without waiting for it")
    func longPause() throws {
        try play(jobs: 1) { play in
            try play.bring("a", 10)
            play.schedule.arrived(nil)
            play.acquire()
            play.fail(0, AttemptFailure(.throttled(.seconds(3600)), Self.broken))
            while let drain = play.drains.popLast() {
                play.schedule.drain(drain)
                play.turn()
            }
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.failed == 10)
            #expect(play.pauses.isEmpty)
        }
    }

    @Test("A hundred thousand tenants that are refused end one by one, without a look at all others")
    func manyRefusals() throws {
        try play(jobs: 8) { play in
            let count = 100_000
            for number in 0..<count { try play.bring("t\(number)", 1) }
            play.schedule.arrived(nil)
            var granted = 0
            while granted < count {
                // The newest ones: removing the first of many would be what takes long.
                let requests = play.acquires
                play.acquires = []
                for (id, _) in requests {
                    granted += 1
                    let permit = QuotaPermit(id.api, for: id.tenant, sendAt: Date(timeIntervalSince1970: 0))
                    play.schedule.acquired(id, permit, waited: .zero)
                }
                play.turn()
                while let (id, job) = play.downloads.popLast() {
                    play.schedule.attemptFailed(id, job, play.item(job), AttemptFailure(.failsTenant, Self.broken))
                    play.turn()
                }
            }
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.failed == count)
        }
    }

    @Test("After a stop, what was not started is given back in the order of the list, retries included")
    func unstarted() throws {
        try play(jobs: 2) { play in
            try play.bring("a", 3)
            try play.bring("b", 3)
            play.acquire()
            #expect(play.downloads.count == 2)
            play.schedule.stop()
            play.fail(0, AttemptFailure(.transient, Self.broken))
            play.finish()
            // A piece of the list that was on its way.
            try play.bring("c", 2)
            #expect(play.schedule.isDone)
            #expect(play.acquires.allSatisfy { $0.id.tenant.text != "c" })
            let positions = play.schedule.takeUnstarted()
            #expect(positions.count == 7)
            #expect(positions == positions.sorted())
            #expect(play.schedule.takeUnstarted() == [])
        }
    }

    @Test("The time that is left knows the rate limit: three thousand images take two minutes and twenty seconds")
    func timeLeft() throws {
        try play(jobs: 1) { play in
            try play.bring("a", 3000)
            let time = try #require(play.schedule.snapshot.timeLeft)
            #expect((139...141).contains(time.components.seconds))
            #expect(play.schedule.snapshot.permitWait == nil)
        }
    }

    @Test("While the rate limit allows nothing, the progress says for how long, and counts it")
    func permitWait() throws {
        try play(jobs: 1) { play in
            try play.bring("a", 2000)
            play.schedule.acquireWaits(play.acquires[0].id, .seconds(40))
            play.clock.advance(2)
            let progress = play.schedule.snapshot
            #expect(progress.permitWait == .seconds(38))
            #expect((117...119).contains(try #require(progress.timeLeft).components.seconds))
            play.acquire()
            #expect(play.schedule.snapshot.permitWait == nil)
        }
    }
}
