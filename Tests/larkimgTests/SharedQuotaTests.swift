import LarkEmulator
import TestSupport
import Testing

@Suite("Processes that share a quota", .serialized, .timeLimit(.minutes(10)))
struct SharedQuotaTests {
    private static let images = 40 * TestLength.factor

    @Test("Four processes are refused one request in a hundred at most, and lose no image", arguments: [false, true])
    func sharedQuota(throughService: Bool) async throws {
        try await withCLI {
            $0.enforcesQuota = true
            $0.quota = Quota(perSecond: 20, perMinute: 1000)
        } _: { cli in
            let update = try await cli.larkimg("tenant", "update", "acme", "--quota", "20/s,1000/m")
            try #require(update.status == 0, "\(update.errors)")
            for number in 0..<4 {
                let keys = (0..<Self.images)
                    .map { _ in cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png) }
                try cli.folder.write(Array(keys.map { "\($0)\n" }.joined().utf8), to: "work/list\(number)")
            }
            @Sendable func fetch(_ environment: [String: String] = [:]) async throws {
                let ending = try await cli.shell(
                    "for i in 0 1 2 3; do larkimg fetch --tenant acme -q -i list$i -d out & done; wait",
                    extra: environment)
                #expect(ending.errors.isEmpty, "\(ending.errors)")
            }
            if throughService {
                let ending = try await cli.servingOnSocket("--audit-log", "audit") { service in
                    let address = ["LARKIMG_AUTH_SERVICE": service.url]
                    try await fetch(try cli.environmentWithoutStore().merging(address) { $1 })
                }
                #expect(ending.status == 0, "\(ending.errors)")
            } else {
                try await fetch()
            }
            #expect(try cli.folder.names(in: "work/out").count == 4 * Self.images)
            let statuses = cli.emulator.journal.filter { $0.api == .imagesGet }.map(\.status)
            // By itself each would send four times too much, and have three of four requests refused.
            #expect(statuses.count { $0 != 200 } * 100 <= statuses.count)
        }
    }
}
