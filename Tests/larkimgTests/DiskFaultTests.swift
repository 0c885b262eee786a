import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite(
    "When the disk fails, or the process is killed, no file is partial and the store stays sound",
    .timeLimit(.minutes(60)))
struct DiskFaultTests {
    /// A system call that fails, or at which the process dies.
    struct Injection: Sendable, CustomTestStringConvertible {
        let call: String
        let effect: String
        var testDescription: String { "\(call): \(effect)" }

        /// As strace takes it, for the n-th call.
        func wrapper(at number: Int) -> [String] {
            [
                "timeout", "60", "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                "inject=\(call):\(effect):when=\(number)",
            ]
        }
    }

    /// Further numbers of calls, in a long run.
    private static var moreCalls: [Int] { (0..<8 * (TestLength.factor - 1)).map { _ in .random(in: 4...120) } }

    @Test(
        "A download that fails or dies at any system call leaves the whole file or nothing",
        arguments: [
            Injection(call: "pwrite64", effect: "error=ENOSPC"), Injection(call: "pwrite64", effect: "error=EIO"),
            Injection(call: "fsync", effect: "error=EIO"), Injection(call: "fsync", effect: "error=EDQUOT"),
            Injection(call: "linkat", effect: "error=ENOSPC"), Injection(call: "linkat", effect: "error=EACCES"),
            Injection(call: "pwrite64", effect: "signal=SIGKILL"), Injection(call: "fsync", effect: "signal=SIGKILL"),
            Injection(call: "linkat", effect: "signal=SIGKILL"), Injection(call: "recvfrom", effect: "signal=SIGKILL"),
            Injection(call: "read", effect: "signal=SIGKILL"), Injection(call: "openat", effect: "signal=SIGKILL"),
        ])
    func downloads(_ injection: Injection) async throws {
        try await withCLI { cli in
            let bytes = SampleImages.png(bytes: 150_000)
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: bytes)
            _ = try await cli.larkimg("token", "--tenant", "acme")
            for number in [1, 2, 3, 5, 8, 13, 40, 90] + Self.moreCalls {
                let ending = try await cli.larkimg(
                    "fetch", "--tenant", "acme", "--overwrite", key, wrapper: injection.wrapper(at: number))
                if ending.status == 0 {
                    #expect(try cli.folder.read("work/\(key).png") == bytes)
                } else if !injection.effect.hasPrefix("signal") {
                    #expect([69, 73, 74, 78].contains(ending.status), "\(number): \(ending.status) \(ending.errors)")
                }
                let files = try cli.files()
                #expect(files == [] || files == ["\(key).png"], "\(number)")
                if files != [] { #expect(try cli.folder.read("work/\(key).png") == bytes, "\(number)") }
            }
        }
    }

    @Test("A directory that fails to close when all is on the disk costs no image", arguments: ["EIO", "EDQUOT"])
    func close(_ error: String) async throws {
        try await withCLI { cli in
            let bytes = SampleImages.png(bytes: 150_000)
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: bytes)
            let ending = try await cli.larkimg(
                "fetch", "--tenant", "acme", key,
                wrapper: [
                    "strace", "-f", "-qq", "-o", "/dev/null", "-P", cli.folder.appending("work").string, "-e",
                    "inject=close:error=\(error)",
                ])
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.files() == ["\(key).png"])
            #expect(try cli.folder.read("work/\(key).png") == bytes)
        }
    }

    @Test(
        "A renewal whose write fails at any point says so, and the store stays sound",
        arguments: [
            Injection(call: "pwrite64", effect: "error=ENOSPC"), Injection(call: "pwrite64", effect: "error=EIO"),
            Injection(call: "fdatasync", effect: "error=EIO"), Injection(call: "fdatasync", effect: "error=ENOSPC"),
            Injection(call: "ftruncate", effect: "error=EIO"),
        ])
    func renewals(_ injection: Injection) async throws {
        try await withCLI { cli in
            _ = try await cli.larkimg("token", "--tenant", "acme")
            for number in Array(1...9) + Self.moreCalls {
                let ending = try await cli.larkimg(
                    "token", "--tenant", "acme", "--refresh", wrapper: injection.wrapper(at: number))
                #expect([0, 74].contains(ending.status), "\(number): \(ending.status) \(ending.errors)")
                if ending.status != 0 { #expect(ending.output.isEmpty) }
                let check = try await cli.larkimg("store", "check")
                #expect(check.status == 0, "\(number): \(check.text)")
                #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
            }
        }
    }

    @Test(
        "A file that may not grow is a full disk: a download ends with 74, a token is returned, the store stays intact")
    func fileSizeLimit() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png(bytes: 150_000))
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
            let fetch = try await cli.shell("ulimit -f 64; larkimg fetch --tenant acme \(key)")
            #expect(fetch.status == 74, "\(fetch.errors)")
            #expect(fetch.errors.split(separator: "\n").count == 2)
            #expect(try cli.files() == [])
            let token = try await cli.shell("ulimit -f 1; larkimg token --tenant acme --refresh")
            #expect(token.status == 0, "a good token is returned although it cannot be stored: \(token.errors)")
            #expect(token.output.count > 1)
            #expect(token.errors.contains("cannot be stored"), "\(token.errors)")
            #expect(try await cli.larkimg("store", "check").status == 0)
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
        }
    }

    @Test("A fresh token is read with one open of the store, no lock of ours, and no write")
    func quietRead() async throws {
        try await withCLI { cli in
            _ = try await cli.larkimg("token", "--tenant", "acme")
            let ending = try await cli.larkimg(
                "token", "--tenant", "acme",
                wrapper: ["strace", "-f", "-y", "-qq", "-o", "../trace", "-e", "trace=%file,%desc"])
            #expect(ending.status == 0, "\(ending.errors)")
            let trace = String(decoding: try cli.folder.read("trace"), as: UTF8.self).split(separator: "\n")
            let opens = trace.filter { $0.contains("openat(") && $0.contains("/store.sqlite\"") }
            #expect(opens.count == 1, "\(opens)")
            for call in ["flock", "pwrite64", "ftruncate", "fdatasync", "fsync", "unlink", "connect"] {
                #expect(!trace.contains { $0.contains(" \(call)(") }, "\(call)")
            }
            let writes = trace.filter { $0.contains(" write(") && $0.contains(cli.folder.path.string) }
            #expect(writes.isEmpty, "\(writes)")
        }
    }
}
