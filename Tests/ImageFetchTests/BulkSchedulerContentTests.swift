import LarkAPI
import TestSupport
import Testing

@testable import ImageFetch

@Suite("The same content in several messages")
struct BulkSchedulerContentTests {
    private static func refusal(_ code: Int) throws -> AttemptFailure {
        let row = try #require(LarkErrorCode.row(for: code))
        return AttemptFailure(
            .permanent, LarkError(row.kind, row.meaning, remedy: row.remedy, httpStatus: 400, platformCode: code))
    }

    @Test("Content that no message gives to the app fails once for all of them, without further requests")
    func gone() throws {
        try SchedulerHarness.play(jobs: 4) { play in
            try play.bring("a", ["om_1/img_x", "om_2/img_x", "om_3/img_x"])
            play.acquire()
            play.fail(0, try Self.refusal(234_002))
            #expect(play.events.count == 3)
            #expect(play.downloads.isEmpty && play.acquires.isEmpty)
            #expect(play.schedule.snapshot.failed == 3)
            #expect(play.schedule.snapshot.queued == 0)
        }
    }

    @Test("If one message does not own the content, the next one is tried, and the others wait for that")
    func nextMessage() throws {
        try SchedulerHarness.play(jobs: 4) { play in
            try play.bring("a", ["om_1/img_x", "om_2/img_x", "om_3/img_x"])
            play.acquire()
            #expect(play.downloads.count == 1)
            play.fail(0, try Self.refusal(234_003))
            play.acquire()
            #expect(play.downloads.map { $0.job.position } == [SourcePosition(offset: 1)])
            play.finish()
            #expect(play.links.map(\.position) == [SourcePosition(offset: 2)])
            #expect(play.links.map(\.download) == [SourcePosition(offset: 1)])
        }
    }

    @Test("A run is not over before every link is made; one that cannot be made is downloaded")
    func links() throws {
        try SchedulerHarness.play(jobs: 4) { play in
            try play.bring("a", ["om_1/img_x", "om_2/img_x"])
            play.schedule.arrived(nil)
            play.acquire()
            play.finish()
            #expect(!play.schedule.isDone)
            let link = try #require(play.links.first)
            play.schedule.linked(link.id, at: link.position, nil)
            play.turn()
            play.acquire()
            play.finish()
            #expect(play.schedule.isDone)
            #expect(play.schedule.snapshot.downloaded == 2)
        }
    }

    @Test("Content that was downloaded before is linked at once; that of another tenant, type or key is not")
    func later() throws {
        try SchedulerHarness.play(jobs: 8) { play in
            try play.bring("a", ["om_1/img_x"])
            play.acquire()
            play.finish()
            try play.bring("a", ["om_2/img_x", "om_2/img_y", "img_x"])
            try play.bring("b", ["om_2/img_x"])
            play.acquire()
            #expect(play.links.count == 1)
            #expect(play.downloads.count == 3)
        }
    }

    @Test("What waits for content is not started when a run is stopped, and is told")
    func stopped() throws {
        try SchedulerHarness.play(jobs: 1) { play in
            try play.bring("a", ["om_1/img_x", "om_2/img_x", "om_3/img_y"])
            play.acquire()
            play.schedule.arrived(nil)
            play.schedule.stop()
            play.fail(0, try Self.refusal(234_003))
            #expect(play.schedule.isDone)
            #expect(play.schedule.takeUnstarted() == [1, 2].map { SourcePosition(offset: $0) })
        }
    }

    @Test("Positions keep line and place, and come in the order of the source")
    func positions() {
        let positions = [(0, 0), (0, 1), (7, 0), (1 << 38, (1 << 24) - 1)]
            .map { SourcePosition(offset: Int64($0), index: $1) }
        #expect(positions == positions.sorted())
        #expect(positions[3].offset == 1 << 38 && positions[3].index == (1 << 24) - 1)
        #expect(positions.allSatisfy { $0.found == nil })
        #expect([0, 1, 1000].map { SourcePosition(found: $0).found } == [0, 1, 1000])
    }
}
