import FoundationEssentials
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

/// Plays events to a scheduler: nothing here waits, so any order of events can be tried.
@Suite("The order of downloads")
struct BulkSchedulerTests {
    @Test("No more requests than jobs are in flight, and every place is used")
    func places() throws {
        try SchedulerHarness.play(jobs: 4) { play in
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
        try SchedulerHarness.play(jobs: 8) { play in
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

    @Test("A tenant that waits for its rate limit holds up no other, and holds no place")
    func limitedTenant() throws {
        try SchedulerHarness.play(jobs: 4) { play in
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
        try SchedulerHarness.play(jobs: 4) { play in
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

    @Test("A stop starts nothing more and lets downloads in flight end; so does a full disk")
    func stop() throws {
        for isDisk in [false, true] {
            try SchedulerHarness.play(jobs: 4) { play in
                try play.bring("a", 100)
                play.acquire()
                #expect(play.downloads.count == 4)
                if isDisk {
                    play.fail(0, AttemptFailure(.failsRun, SchedulerHarness.broken))
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
        try SchedulerHarness.play(jobs: 1) { play in
            try play.bring("a", 1)
            #expect(play.acquires.map(\.limit) == [.seconds(300)])
            play.acquire(waited: .seconds(100))
            #expect(play.downloads[0].job.deadline - play.clock.timing.instant() == .seconds(200))
            play.clock.advance(150)
            play.fail(0, AttemptFailure(.transient, SchedulerHarness.broken))
            play.clock.advance(10)
            play.endWaits()
            #expect(play.acquires.map(\.limit) == [.seconds(40)])
            play.acquire()
            play.clock.advance(39.9)
            // The next wait would be longer than what is left.
            play.fail(0, AttemptFailure(.transient, SchedulerHarness.broken))
            #expect(play.waits.isEmpty)
            #expect(play.schedule.snapshot.failed == 1)
        }
    }

    @Test("A download whose permit does not come in time fails; the next one has its own time")
    func permitTimesOut() throws {
        try SchedulerHarness.play(jobs: 4) { play in
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

    @Test("After a stop, what was not started is given back in the order of the list, retries included")
    func unstarted() throws {
        try SchedulerHarness.play(jobs: 2) { play in
            try play.bring("a", 3)
            try play.bring("b", 3)
            play.acquire()
            #expect(play.downloads.count == 2)
            play.schedule.stop()
            play.fail(0, AttemptFailure(.transient, SchedulerHarness.broken))
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
        try SchedulerHarness.play(jobs: 1) { play in
            try play.bring("a", 3000)
            let time = try #require(play.schedule.snapshot.timeLeft)
            #expect((139...141).contains(time.components.seconds))
            #expect(play.schedule.snapshot.permitWait == nil)
        }
    }

    @Test("While the rate limit allows nothing, the progress says for how long, and counts it")
    func permitWait() throws {
        try SchedulerHarness.play(jobs: 1) { play in
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
