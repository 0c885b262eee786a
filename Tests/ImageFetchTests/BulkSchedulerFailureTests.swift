import FoundationEssentials
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

@Suite("What failures mean for the downloads that follow")
struct BulkSchedulerFailureTests {
    @Test("A download that runs out of time during an outage names the outage, not the rate limit")
    func timeoutDuringOutage() throws {
        try SchedulerHarness.play(jobs: 4) { play in
            try play.bring("a", 5)
            play.acquire()
            while !play.downloads.isEmpty { play.fail(0, AttemptFailure(.transient, SchedulerHarness.broken)) }
            let pause = try #require(play.pauses.first)
            play.schedule.pauseEnded(pause.id)
            play.turn()
            let id = try #require(play.acquires.first).id
            play.schedule.acquireTimedOut(id, LarkError.noPermit(within: .seconds(300)))
            play.turn()
            guard case .failed(_, let failure)? = play.events.last else {
                Issue.record("nothing failed")
                return
            }
            #expect(failure.description == "\(SchedulerHarness.broken)")
        }
    }

    @Test("After a 429 the tenant pauses as long as the server says, and nothing is lost or counted as a failure")
    func throttled() throws {
        try SchedulerHarness.play(jobs: 8) { play in
            try play.bring("a", 3)
            try play.bring("b", 1)
            play.schedule.arrived(nil)
            play.acquire()
            play.fail(0, AttemptFailure(.throttled(.seconds(7)), SchedulerHarness.broken))
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
        try SchedulerHarness.play(jobs: 1) { play in
            try play.bring("a", 1)
            play.schedule.arrived(nil)
            var turns = 0
            while !play.schedule.isDone, turns < 100 {
                turns += 1
                play.acquire()
                if !play.downloads.isEmpty {
                    play.fail(0, AttemptFailure(.throttled(.seconds(1)), SchedulerHarness.broken))
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
        try SchedulerHarness.play(jobs: 2) { play in
            try play.bring("a", 100)
            for attempt in 1...5 {
                play.acquire()
                let index = play.downloads.firstIndex {
                    $0.job.failures.transient == attempt - 1 && $0.job.position == SourcePosition(offset: 0)
                }
                play.fail(try #require(index), AttemptFailure(.transient, SchedulerHarness.broken))
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
        try SchedulerHarness.play(jobs: 8) { play in
            try play.bring("a", 1000)
            play.schedule.arrived(nil)
            play.acquire()
            #expect(play.downloads.count == 8)
            while !play.downloads.isEmpty { play.fail(0, AttemptFailure(.transient, SchedulerHarness.broken)) }
            play.acquire()
            #expect(play.downloads.isEmpty, "the lane rests")
            var probes = 0
            while let pause = play.pauses.popLast(), probes < 5 {
                play.schedule.pauseEnded(pause.id)
                play.endWaits()
                play.acquire()
                #expect(play.downloads.count == 1)
                probes += 1
                if probes < 5 { play.fail(0, AttemptFailure(.transient, SchedulerHarness.broken)) }
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
        try SchedulerHarness.play(jobs: 1) { play in
            try play.bring("a", 1)
            play.schedule.arrived(nil)
            for _ in 0..<12 {
                play.acquire()
                play.fail(0, AttemptFailure(.transient, SchedulerHarness.broken))
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
        try SchedulerHarness.play(jobs: 8) { play in
            try play.bring("a", 1000)
            play.schedule.arrived(nil)
            var requests = 0
            var turns = 0
            while !play.schedule.isDone, turns < 10_000 {
                turns += 1
                play.acquire()
                while !play.downloads.isEmpty {
                    requests += 1
                    play.fail(0, AttemptFailure(.transient, SchedulerHarness.broken))
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
        try SchedulerHarness.play(jobs: 4) { play in
            try play.bring("a", 600)
            try play.bring("a", ["om_1/img_x"])
            try play.bring("b", 1)
            play.schedule.arrived(nil)
            play.turn()
            play.acquire(only: "a")
            let index = try #require(play.downloads.firstIndex { $0.id.api == .imageGet })
            play.fail(index, AttemptFailure(.failsTenant, SchedulerHarness.broken))
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

    @Test("A pause longer than a download may take ends the queue with the platform's words, without waiting for it")
    func longPause() throws {
        try SchedulerHarness.play(jobs: 1) { play in
            try play.bring("a", 10)
            play.schedule.arrived(nil)
            play.acquire()
            play.fail(0, AttemptFailure(.throttled(.seconds(3600)), SchedulerHarness.broken))
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
        try SchedulerHarness.play(jobs: 8) { play in
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
                    play.schedule.attemptFailed(
                        id, job, .download(play.item(job)), AttemptFailure(.failsTenant, SchedulerHarness.broken))
                    play.turn()
                }
            }
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.failed == count)
        }
    }
}
