import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("The month's calls at the command line", .timeLimit(.minutes(10)))
struct MonthCommandTests {
    private func month(_ cli: CLIHarness, _ member: String = "month_calls") async throws -> Int? {
        let ending = try await cli.larkimg("status", "--json")
        try #require(ending.status == 0, "\(ending.errors)")
        guard case .number(let number) = try JSON.object(ending.text)[member] else { return nil }
        return Int(number)
    }

    private func setQuota(_ cli: CLIHarness, _ quota: String) async throws {
        let ending = try await cli.larkimg("tenant", "update", "acme", "--month-quota", quota)
        try #require(ending.status == 0, "\(ending.errors)")
    }

    /// How many calls of the tenant's app the platform has received.
    private func received(_ cli: CLIHarness) -> Int {
        cli.emulator.journal.count { $0.api != nil && $0.appID == CLIHarness.appID }
    }

    @Test("Every call counts, those that fail and those that are repeated too, and status shows them")
    func everyCall() async throws {
        try await withCLI { cli in
            #expect(try await month(cli) == 0)
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, times: 2, .code(10101)))
            cli.emulator.addFault(Fault(.imagesGet, times: 2, .code(2200)))
            let keys = cli.seedImages(5)
            let ending = try await cli.larkimg(["fetch", "--tenant", "acme"] + keys + ["img_missing"])
            #expect(ending.status == 66, "\(ending.errors)")
            #expect(received(cli) == 11)
            #expect(try await month(cli) == 11)
            #expect(try await cli.larkimg("tenant", "update", "acme").status == 0, "it verifies the app")
            #expect(try await month(cli) == 12)
            try await setQuota(cli, "10000")
            #expect(try await month(cli, "month_quota") == 10_000)
            let table = try await cli.larkimg("status")
            #expect(table.lines[0].contains("MONTH") && table.lines[1].contains("12 of 10000"), "\(table.text)")
            #expect(received(cli) == 12)
        }
    }

    @Test("The month quota is set without a request, shown, and removed; what is no number is refused")
    func quota() async throws {
        try await withCLI { cli in
            let set = try await cli.larkimg("tenant", "update", "acme", "--month-quota", "10000", "--json")
            #expect(try JSON.object(set.text)["month_quota"] == .number(10_000), "\(set.errors)")
            #expect(try await cli.larkimg("tenant", "show", "acme").text.contains("10000 calls"))
            let removed = try await cli.larkimg("tenant", "update", "acme", "--month-quota", "none", "--json")
            #expect(try JSON.object(removed.text)["month_quota"] == nil, "\(removed.errors)")
            for text in ["0", "-1", "lots", "10000/m", "1000000001"] {
                let ending = try await cli.larkimg("tenant", "update", "acme", "--month-quota=\(text)")
                #expect(ending.status == 64, "\(text): \(ending.errors)")
            }
            let shared = try await cli.larkimg(
                "tenant", "add", "x", "--app", "shop", "--tenant-key", "k", "--month-quota", "5")
            #expect(shared.status == 64 && shared.errors.contains("larkimg app update shop"), "\(shared.errors)")
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("The month quota of a store app is changed with the app, without a request")
    func storeApp() async throws {
        try await withShop { cli in
            let calls = cli.emulator.journal.count
            let set = try await cli.larkimg("app", "update", "shop", "--month-quota", "700", "--json")
            #expect(try JSON.object(set.text)["month_quota"] == .number(700), "\(set.errors)")
            let tenant = try await cli.larkimg("tenant", "show", "globex", "--json")
            #expect(try JSON.object(tenant.text)["month_quota"] == .number(700))
            let refused = try await cli.larkimg("tenant", "update", "globex", "--month-quota", "5")
            #expect(refused.status == 78 && refused.errors.contains("larkimg app update shop"), "\(refused.errors)")
            #expect(cli.emulator.journal.count == calls)
        }
    }

    @Test("--reserve without a month quota is wrong usage, says how to set one, and sends nothing")
    func unknownQuota() async throws {
        try await withCLI { cli in
            let key = cli.seedImages(1)[0]
            for words in [["-d", "out"], ["-o", "x"]] {
                let ending = try await cli.larkimg(["fetch", "--tenant", "acme", "--reserve", "5", key] + words)
                #expect(ending.status == 64, "\(ending.errors)")
                #expect(ending.errors.contains("larkimg tenant update acme --month-quota N"), "\(ending.errors)")
            }
            #expect(try await cli.larkimg("fetch", "--tenant", "acme", "--reserve=-1", key).status == 64)
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("A fetch with --reserve stops before the last calls, says how many are left, and goes on without it")
    func reserve() async throws {
        try await withCLI { cli in
            try await setQuota(cli, "8")
            _ = try await cli.larkimg("token", "--tenant", "acme")
            try cli.writeList(cli.seedImages(10))
            let ending = try await cli.larkimg(
                "fetch", "--tenant", "acme", "-i", "list", "-d", "out", "--reserve", "3")
            #expect(ending.status == 75, "\(ending.errors)")
            #expect(ending.errors.contains("3 calls are left of the app's quota for this month"), "\(ending.errors)")
            #expect(ending.errors.contains("The next month begins on 20"), "\(ending.errors)")
            #expect(ending.errors.contains("Lower --reserve"), "\(ending.errors)")
            #expect(received(cli) == 5)
            #expect(try await month(cli) == 5)
            let one = try await cli.larkimg("fetch", "--tenant", "acme", "-o", "x", "img_x", "--reserve", "3")
            #expect(one.status == 75, "\(one.errors)")
            let rest = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list", "-d", "out")
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try await month(cli) == 11)
        }
    }

    @Test(
        "When the platform says that the month is used up, status shows the quota as used, and the error the next month"
    )
    func usedUp() async throws {
        try await withCLI { cli in
            try await setQuota(cli, "50")
            cli.emulator.addFault(Fault(.imagesGet, times: .always, .code(99_991_403)))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", cli.seedImages(1)[0])
            #expect(ending.status == 75, "\(ending.errors)")
            #expect(ending.errors.contains("The next month begins on 20"), "\(ending.errors)")
            #expect(try await month(cli) == 50)
        }
    }

    @Test("A dry run ends with the calls that it stands for and their time, and warns when the month does not suffice")
    func dryRun() async throws {
        try await withCLI { cli in
            try cli.writeList(cli.seedImages(101))
            let words = ["fetch", "--tenant", "acme", "-i", "list", "--dry-run"]
            let free = try await cli.larkimg(words)
            #expect(
                free.errors.hasPrefix(
                    "larkimg: 101 would be fetched (101 calls, at least 2.0 s at the rate limit), in "),
                "\(free.errors)")
            #expect(!free.errors.contains("this month"))
            try await setQuota(cli, "100")
            let short = try await cli.larkimg(words + ["--json"])
            #expect(short.status == 0)
            #expect(
                short.errors.contains(
                    "the app \(CLIHarness.appID) has 100 of 100 calls left this month, and the run makes 101\n"),
                "\(short.errors)")
            #expect(short.lines.count == 101)
            try await setQuota(cli, "111")
            #expect(try await !cli.larkimg(words + ["--reserve", "10"]).errors.contains("this month"))
            let reserved = try await cli.larkimg(words + ["--reserve", "11"])
            #expect(reserved.errors.contains("of which 11 are kept in reserve"), "\(reserved.errors)")
            #expect(try await !cli.larkimg(words + ["--reserve", "11", "-q"]).errors.contains("this month"))
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("A service counts the calls of its clients, and its clients can leave a reserve")
    func service() async throws {
        try await withCLI { cli in
            try await setQuota(cli, "8")
            try cli.writeList(cli.seedImages(10))
            let ending = try await cli.servingOnSocket("--audit-log", "audit") { service in
                let extra = try cli.environmentWithoutStore().merging(["LARKIMG_AUTH_SERVICE": service.url]) { $1 }
                _ = try await cli.larkimg("token", "--tenant", "acme", extra: extra)
                let fetch = try await cli.larkimg(
                    "fetch", "--tenant", "acme", "-i", "list", "-d", "out", "--reserve", "3", extra: extra)
                #expect(fetch.status == 75, "\(fetch.errors)")
                #expect(fetch.errors.contains("3 calls are left"), "\(fetch.errors)")
                let plan = try await cli.larkimg(
                    "fetch", "--tenant", "acme", "-i", "list", "-d", "out", "--dry-run", extra: extra)
                #expect(plan.errors.contains("has 3 of 8 calls left this month"), "\(plan.errors)")
                let metrics = try await cli.shell("curl -sS --unix-socket \(cli.socket) http://localhost/metrics")
                let labels = "{app_id=\"\(CLIHarness.appID)\",host=\"\(cli.platform)\"}"
                for (name, value) in [("calls", 5), ("quota", 8)] {
                    #expect(metrics.text.contains("\nlarkimg_month_\(name)\(labels) \(value)\n"), "\(metrics.text)")
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(received(cli) == 5)
            #expect(try await month(cli) == 5)
        }
    }

    /// The most calls that a killed process has counted and not sent: a block of permits, or without a rate limit those of
    /// the whole list, and of its rest once more, if that was counted before the first block was used up; and its requests
    /// in flight.
    @Test(
        "Processes that fetch side by side and are killed have counted no call too few, and a few too many at most",
        arguments: [("50/s,1000/m", 10 + 3), ("none", 20 + 20 + 3)])
    func killed(quota: String, most: Int) async throws {
        try await withCLI { cli in
            #expect(try await cli.larkimg("tenant", "update", "acme", "--quota", quota).status == 0)
            _ = try await cli.larkimg("token", "--tenant", "acme")
            var kills = 0
            for _ in 1...2 * TestLength.factor {
                for number in 0..<4 { try cli.writeList(cli.seedImages(20), name: "list\(number)") }
                cli.emulator.addFault(Fault(.imagesGet, skip: 8, times: .always, .hold))
                let script = """
                    for i in 0 1 2 3; do
                        larkimg fetch --tenant acme -q -i list$i -d out --jobs 3 >/dev/null & echo $! >pid$i
                    done
                    wait $(cat pid3)
                    """
                let ending = try await cli.shell(script) { [emulator = cli.emulator] _ in
                    await emulator.waitForHeld(count: 12)
                    for number in 0..<3 {
                        let text = String(decoding: try cli.folder.read("work/pid\(number)"), as: UTF8.self)
                        kill(try #require(Int32(text.prefix { $0.isNumber })), SIGKILL)
                    }
                    emulator.clearFaults()
                    emulator.release()
                }
                #expect(ending.status == 0, "\(ending.errors)")
                kills += 3
                let (sent, counted) = (received(cli), try #require(try await month(cli)))
                #expect(counted >= sent && counted <= sent + kills * most, "\(counted) of \(sent)")
            }
        }
    }
}
