import FoundationEssentials
import LarkAPI
import TestSupport

@testable import ImageFetch

/// A scheduler, and the actions that are not done yet.
struct SchedulerHarness {
    var schedule: BulkScheduler
    let clock: TestClocks
    var items: [FetchItem] = []
    var reads = 0
    var acquires: [(id: TenantQueue.ID, limit: Duration)] = []
    var downloads: [(id: TenantQueue.ID, job: TenantQueue.Job)] = []
    var pauses: [(id: TenantQueue.ID, wait: Duration)] = []
    var waits: [(id: TenantQueue.ID, position: SourcePosition, wait: Duration)] = []
    var drains: [TenantQueue.ID] = []
    var links: [(id: TenantQueue.ID, position: SourcePosition, download: SourcePosition)] = []
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
            case .link(let id, let positions, let download): links += positions.map { (id, $0, download) }
            case .report(let event): events.append(event)
            case .fail(let jobs, let error):
                events += jobs.map { .failed(item($0), DownloadFailure(error: error, attempts: $0.attempts)) }
            }
        }
    }

    func item(_ job: TenantQueue.Job) -> FetchItem { items[Int(job.position.offset)] }

    /// Brings items of a tenant.
    mutating func bring(_ tenant: String, _ keys: [String]) throws {
        let arrivals = try keys.map { key in
            let item = FetchItem(tenant: try TenantName(tenant), reference: try ImageReference(key))
            items.append(item)
            return ListResolver.ResolvedItem.start(
                TenantQueue.ID(.download(item)), at: SourcePosition(offset: Int64(items.count - 1)),
                TenantPlatform(host: .lark, rate: .standard), ContentID(item))
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
        schedule.attemptFailed(id, job, .download(item(job)), failure)
        turn()
    }

    /// Lets all waits before a retry end.
    mutating func endWaits() {
        for wait in waits { schedule.retryIsDue(wait.id, at: wait.position) }
        waits = []
        turn()
    }

    func active(_ tenant: String) -> Int { downloads.count { $0.id.tenant.text == tenant } }

    /// Runs a body with a scheduler that has taken its first turn.
    static func play(jobs: Int, _ body: (inout SchedulerHarness) throws -> Void) throws {
        let clock = TestClocks()
        var play = SchedulerHarness(
            schedule: BulkScheduler(jobs: jobs, totalTime: .seconds(300), clocks: clock.timing), clock: clock)
        play.turn()
        try body(&play)
    }

    static let broken = LarkError(.unreachable, "no network", remedy: "wait", isRetryable: true)
}
