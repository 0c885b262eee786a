import FoundationEssentials
import LarkAPI
import Testing

@testable import ImageFetch

@Suite("The downloads that wait in a tenant's queue")
struct TenantQueueTests {
    @Test("Positions come out in the order they went in, across the pieces of the queue", arguments: [1, 3, 511, 2000])
    func order(takenAtOnce count: Int) {
        var queue = ItemQueue()
        var taken: [SourcePosition] = []
        for position in 0..<5000 {
            queue.append(QueuedItem(position: SourcePosition(offset: Int64(position)), content: nil))
            if position % count == count - 1 {
                for _ in 0..<count / 2 { if let next = queue.popFirst() { taken.append(next.position) } }
            }
        }
        #expect(queue.count == 5000 - taken.count)
        while let next = queue.popFirst() { taken.append(next.position) }
        let isSame = taken == (0..<5000).map { SourcePosition(offset: $0) }
        #expect(isSame)
        #expect(queue.isEmpty)
        #expect(queue.popFirst() == nil)
    }

    private func ids(_ count: Int) throws -> [TenantQueue.ID] {
        try (0..<count)
            .map {
                TenantQueue.ID(
                    .download(FetchItem(tenant: try TenantName("t\($0)"), reference: try ImageReference("img_x"))))
            }
    }

    @Test("The queue with the fewest requests in flight is next; of several the one that came first")
    func fewestFirst() throws {
        let ids = try ids(4)
        var queues: [TenantQueue.ID: TenantQueue] = [:]
        for (id, active) in zip(ids, [2, 1, 1, 3]) {
            queues[id] = TenantQueue(host: .lark, rate: nil)
            queues[id]?.active = active
        }
        var ready = ReadyQueues()
        for id in ids { ready.append(id) }
        var order: [TenantQueue.ID] = []
        while let id = ready.popFirst(of: queues, share: 3, mayExceedShare: false) { order.append(id) }
        #expect(order == [ids[1], ids[2], ids[0]])
        #expect(ready.popFirst(of: queues, share: 3, mayExceedShare: true) == ids[3])
        #expect(ready.popFirst(of: queues, share: 3, mayExceedShare: true) == nil)
    }

    @Test("A hundred thousand queues that wait for a place are taken one by one without being moved about")
    func manyQueues() throws {
        let ids = try ids(100_000)
        var ready = ReadyQueues()
        for id in ids { ready.append(id) }
        var count = 0
        while ready.popFirst(of: [:], share: 1, mayExceedShare: false) != nil { count += 1 }
        #expect(count == ids.count)
    }
}
