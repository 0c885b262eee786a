import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg fetch --timeout", .timeLimit(.minutes(10)))
struct FetchTimeoutTests {
    @Test(
        "A wait that the platform names and that is longer than the time left is not waited for",
        arguments: [[], ["-o", "out.png"]], ["3600", "59"])
    func longThrottling(_ options: [String], reset: String) async throws {
        try await withCLI { cli in
            cli.emulator.addFault(
                Fault(.imagesGet, times: .always, .limit(status: 400, reset: reset, limit: nil)))
            let ending = try await cli.larkimg(
                ["fetch", "--tenant", "acme", "img_x", "--timeout", "5s"] + options)
            #expect([69, 75].contains(ending.status), "\(ending.errors)")
            #expect(cli.emulator.count(of: .imagesGet) == 1)
        }
    }

    @Test("Waits between attempts count: a request that is throttled for a second each time is not sent twenty times")
    func repeatedThrottling() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.imagesGet, times: .always, .limit(status: 400, reset: "1", limit: nil)))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "img_x", "--timeout", "3s")
            #expect([69, 75].contains(ending.status), "\(ending.errors)")
            #expect(cli.emulator.count(of: .imagesGet) <= 4)
        }
    }

    @Test("The wait for the rate limit counts", arguments: [[], ["-o", "out.png"]])
    func rateLimit(_ options: [String]) async throws {
        try await withCLI { cli in
            let keys = (0..<2).map { _ in cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png) }
            _ = try await cli.larkimg("tenant", "update", "acme", "--quota", "1/m")
            #expect(try await cli.larkimg("fetch", "--tenant", "acme", keys[0]).status == 0)
            let ending = try await cli.larkimg(["fetch", "--tenant", "acme", keys[1], "--timeout", "2s"] + options)
            #expect([69, 75].contains(ending.status), "\(ending.errors)")
            #expect(ending.errors.contains("within 2 s"), "\(ending.errors)")
            #expect(cli.emulator.count(of: .imagesGet) == 1)
        }
    }

    @Test("The wait for a token counts", arguments: [[], ["-o", "out.png"]])
    func token(_ options: [String]) async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, times: .always, .hold))
            let ending = try await cli.larkimg(["fetch", "--tenant", "acme", "img_x", "--timeout", "2s"] + options)
            cli.emulator.release()
            #expect(ending.status == 69, "\(ending.errors)")
            #expect(ending.errors.contains("within 2 s"), "\(ending.errors)")
        }
    }
}
