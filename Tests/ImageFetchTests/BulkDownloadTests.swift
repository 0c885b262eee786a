import FoundationEssentials
import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Many downloads", .timeLimit(.minutes(2)))
struct BulkDownloadTests {
    /// Runs a list of keys of one tenant, and returns how it ended and what was told.
    private func run(
        _ platform: EmulatorFixture, _ items: [FetchItem], quota: (any RateLimiter)? = nil,
        stops: AsyncStream<Void>? = nil, change: (inout BulkOptions) throws -> Void = { _ in },
        during report: @escaping (BulkEvent) async throws -> Void = { _ in }
    ) async throws -> (end: BulkProgress, events: [BulkEvent]) {
        var options = BulkOptions()
        options.directory = platform.folder.path.string
        options.limits = platform.limits
        options.spoolDirectory = "/tmp"
        try change(&options)
        let bulk = BulkDownload(
            client: platform.client, tokens: platform.tokens,
            quota: quota ?? UnlimitedRateLimiter(clocks: platform.clock.timing), options: options,
            clocks: platform.clock.timing
        ) { [host = platform.host] _ in host }
        var events: [BulkEvent] = []
        let end = try await bulk.run(.items(items), stops: stops) { event in
            events.append(event)
            try await report(event)
        }
        return (end, events)
    }

    private func items(_ platform: EmulatorFixture, _ count: Int) throws -> [FetchItem] {
        try (0..<count)
            .map { _ in
                FetchItem(tenant: platform.tokens.tenant, reference: try ImageReference(platform.seed()))
            }
    }

    @Test("Every image of a list is downloaded once, whole, under its own name")
    func all() async throws {
        try await withPlatform { platform in
            let items = try items(platform, 120)
            let (end, events) = try await run(platform, items + items.prefix(20)) { $0.jobs = 7 }
            #expect(end.downloaded == 120)
            #expect(end.repeated == 20)
            #expect(end.failed == 0)
            #expect(events.count == 140)
            #expect(platform.requests == 120)
            #expect(try platform.files() == items.map { "\($0.reference.key).png" }.sorted())
            let isWhole = try platform.files().allSatisfy { try platform.folder.read($0) == SampleImages.png }
            #expect(isWhole)
        }
    }

    @Test("A second run sends nothing; a third with --overwrite sends all")
    func again() async throws {
        try await withPlatform { platform in
            let items = try items(platform, 30)
            _ = try await run(platform, items)
            let second = try await run(platform, items)
            #expect(second.end.existing == 30)
            #expect(platform.requests == 30)
            let third = try await run(platform, items) { $0.overwrite = true }
            #expect(third.end.downloaded == 30)
            #expect(platform.requests == 60)
        }
    }

    @Test("A failure is reported with its reason and holds up nothing else")
    func failures() async throws {
        try await withPlatform { platform in
            var items = try items(platform, 10)
            let deleted = platform.seed()
            platform.emulator.deleteImage(deleted)
            items.insert(
                FetchItem(tenant: platform.tokens.tenant, reference: try ImageReference(deleted)), at: 0)
            let (end, events) = try await run(platform, items)
            #expect(end.downloaded == 10)
            #expect(end.failed == 1)
            let codes = events.compactMap { event -> Int? in
                guard case .failed(_, let failure) = event else { return nil }
                return (failure.error as? LarkError)?.platformCode
            }
            #expect(codes == [234_005])
        }
    }

    @Test("Transient errors are retried: an outage in the middle of a list loses no image")
    func outage() async throws {
        try await withPlatform { platform in
            platform.spoil(times: .times(15), skip: 20, .status(503))
            let items = try items(platform, 100)
            let (end, _) = try await run(platform, items) { $0.jobs = 8 }
            #expect(end.downloaded == 100)
            #expect(end.failed == 0)
            #expect(platform.requests == 115)
        }
    }

    @Test("While the platform is down, a list of hundreds costs it no more than a few requests")
    func down() async throws {
        try await withPlatform { platform in
            platform.spoil(.status(503))
            let (end, _) = try await run(platform, try items(platform, 300)) { $0.jobs = 8 }
            #expect(end.failed == 300)
            // What a well platform would have been asked, and a tenth of it.
            #expect(platform.requests < 30)
        }
    }

    @Test("After a 429, by either status, nothing is sent before the time the server named", arguments: [429, 400])
    func throttled(_ status: Int) async throws {
        try await withPlatform { platform in
            platform.spoil(times: .times(1), skip: 5, .limit(status: status, reset: "9", limit: nil))
            let quota = PacedRateLimiter(clocks: platform.clock.timing)
            let (end, _) = try await run(platform, try items(platform, 40), quota: quota) { $0.jobs = 1 }
            #expect(end.downloaded == 40)
            #expect(platform.requests == 41)
            #expect(platform.clock.waits.contains { $0 >= .milliseconds(8990) && $0 <= .seconds(9) })
        }
    }

    @Test("A token endpoint that throttles every request does not keep a run for ever")
    func throttledTokens() async throws {
        try await withPlatform { platform in
            platform.emulator.addFault(
                Fault(.tenantAccessTokenInternal, times: .always, .limit(status: 429, reset: "2", limit: nil)))
            let (end, _) = try await run(platform, try items(platform, 3)) { $0.jobs = 1 }
            #expect(end.failed == 3)
            #expect(platform.requests == 0)
        }
    }

    @Test("If no file can be created, nothing is sent")
    func unwritableFolder() async throws {
        try await withPlatform { platform in
            let items = try items(platform, 20)
            // Not even root can make a file in /proc.
            let (end, _) = try await run(platform, items) {
                $0.directory = "/proc"
                $0.jobs = 1
            }
            #expect(end.downloaded == 0)
            #expect(platform.requests == 0)
        }
    }

    @Test("An exhausted monthly quota ends the tenant with one request, and says so")
    func monthlyQuota() async throws {
        try await withPlatform { platform in
            platform.spoil(.error(status: 400, code: 99_991_403, msg: "quota", headers: nil))
            let (end, events) = try await run(platform, try items(platform, 50)) { $0.jobs = 1 }
            #expect(end.failed == 50)
            #expect(platform.requests == 1)
            let isClear = events.allSatisfy { event in
                guard case .failed(_, let failure) = event else { return false }
                return "\(failure.error)".contains("monthly quota")
            }
            #expect(isClear)
        }
    }

    @Test("An unknown tenant fails by itself")
    func unknownTenant() async throws {
        try await withPlatform { platform in
            var options = BulkOptions()
            options.directory = platform.folder.path.string
            let host = platform.host
            let bulk = BulkDownload(
                client: platform.client, tokens: platform.tokens, quota: UnlimitedRateLimiter(), options: options,
                clocks: platform.clock.timing
            ) { tenant in
                guard tenant.text == "acme" else {
                    throw InvalidValue(word: tenant.text, kind: "tenant", rule: "a known one")
                }
                return host
            }
            let nobody = FetchItem(tenant: try TenantName("nobody"), reference: try ImageReference("img_a"))
            var failed = 0
            let end = try await bulk.run(.items([nobody] + items(platform, 3))) { event in
                if case .failed(let item, _) = event, item.tenant.text == "nobody" { failed += 1 }
            }
            #expect(failed == 1)
            #expect(end.downloaded == 3)
        }
    }

    @Test("A dry run sends nothing, requests no token, and names what it would do")
    func dryRun() async throws {
        try await withPlatform { platform in
            let items = try items(platform, 5)
            let (end, events) = try await run(platform, items) { $0.isDryRun = true }
            #expect(end.planned == 5)
            #expect(platform.emulator.journal.isEmpty)
            #expect(try platform.files() == [])
            guard case .planned(_, let name) = events.first else {
                Issue.record("\(events)")
                return
            }
            #expect("\(name)" == "\(items[0].reference.key).*")
        }
    }

    @Test("A stop ends the run when the downloads in flight are done, and leaves no partial file")
    func stop() async throws {
        try await withPlatform { platform in
            let (stops, stop) = AsyncStream.makeStream(of: Void.self)
            let items = try items(platform, 500)
            let (end, _) = try await run(platform, items, stops: stops) {
                $0.jobs = 4
            } during: { _ in
                stop.yield()
            }
            #expect(end.downloaded > 0)
            #expect(end.downloaded < 500)
            #expect(end.failed == 0)
            #expect(try platform.files().count == end.downloaded)
        }
    }

    @Test("A cancelled run ends at once and leaves whole files only")
    func cancelled() async throws {
        try await withPlatform { platform in
            let items = try items(platform, 200)
            platform.emulator.addFault(Fault(.imagesGet, skip: 20, .hold))
            let (held, holding) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await run(platform, items) {
                    $0.jobs = 4
                } during: { _ in
                    holding.yield()
                }
            }
            for await _ in held.prefix(10) {}
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            platform.emulator.release()
            let isWhole = try platform.files().allSatisfy { try platform.folder.read($0) == SampleImages.png }
            #expect(isWhole)
        }
    }

    @Test("An error thrown by the report closure ends the run, and is thrown")
    func failingReport() async throws {
        struct Full: Error {}
        try await withPlatform { platform in
            let items = try items(platform, 50)
            await #expect(throws: Full.self) {
                _ = try await run(platform, items) { _ in throw Full() }
            }
        }
    }

    @Test("Lists name their files; two lines cannot name the same one")
    func names() async throws {
        try await withPlatform { platform in
            let keys = try items(platform, 3)
            let named = try zip(keys, ["x/a.png", "x/a.png", "y.png"])
                .map { FetchItem(tenant: $0.tenant, reference: $0.reference, output: try OutputName($1)) }
            let (end, events) = try await run(platform, named)
            #expect(end.downloaded == 2)
            #expect(end.failed == 1)
            #expect(platform.requests == 2)
            #expect(try platform.files() == ["x", "y.png"])
            #expect(events.contains { if case .failed = $0 { true } else { false } })
        }
    }

    @Test("A template can give each tenant a directory of its own")
    func template() async throws {
        try await withPlatform { platform in
            let items = try items(platform, 3)
            _ = try await run(platform, items) { $0.template = try NameTemplate("{tenant}/{key}.{ext}") }
            #expect(try platform.folder.names(in: "acme") == items.map { "\($0.reference.key).png" }.sorted())
        }
    }

    @Test("Two runs over one list share the work: each file is downloaded once, and both report it as done")
    func twoRuns() async throws {
        try await withPlatform { platform in
            let items = try items(platform, 60)
            async let first = run(platform, items) { $0.jobs = 4 }
            async let second = run(platform, items.reversed()) { $0.jobs = 4 }
            let ends = try await [first.end, second.end]
            for end in ends { #expect(end.downloaded + end.existing == 60) }
            #expect(ends.map(\.downloaded).reduce(0, +) == 60)
            #expect(try platform.files().count == 60)
        }
    }
}
