import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("Whatever larkimg is started with, it works or says why not", .timeLimit(.minutes(10)))
struct EnvironmentTests {
    @Test("With descriptors 0, 1 and 2 closed nothing is written to the store by accident")
    func closedDescriptors() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(
                """
                larkimg token --tenant acme <&- >&- 2>&-; echo token $?
                larkimg tenant list <&- >&- 2>&-; echo list $?
                larkimg token --tenant acme --refresh --nope <&- >&- 2>&-; echo usage $?
                larkimg tenant add new --app-id cli_n --app-secret-file - <&- >&- 2>&-; echo add $?
                larkimg tenant remove acme <&- >&- 2>&-; echo remove $?
                larkimg store check
                """)
            #expect(
                ending.text == "token 74\nlist 74\nusage 64\nadd 64\nremove 74\nsound: 0 tenants\n",
                "\(ending.text)\(ending.errors)")
        }
    }

    @Test(
        "A store on a network file system or on FUSE is refused before anything is created",
        .enabled(if: geteuid() == 0 && access("/dev/fuse", R_OK) == 0 && access("/usr/bin/bindfs", X_OK) == 0))
    func fuse() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(
                """
                mkdir real mounted && bindfs real mounted || exit 99
                printf s | larkimg tenant add new --app-id cli_n --app-secret-file - --no-verify --store mounted/store.sqlite
                echo $?
                umount mounted
                ls -A real
                """)
            #expect(ending.text == "78\n", "\(ending.errors)")
            #expect(ending.errors.contains("is on a network file system (fuse), whose locks are unreliable"))
        }
    }

    /// An environment, and how `tenant add` ends in it.
    struct Setting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Runs in an empty directory.
        let script: String
        let statuses: Set<Int32>
    }

    private static let add = "printf s | larkimg tenant add new --app-id cli_n --app-secret-file - --no-verify"

    @Test(
        "A place where no store can be is an error of two lines",
        arguments: [
            Setting(
                testDescription: "no home directory", script: "unset HOME LARKIMG_STORE LARKIMG_KEY_FILE; \(add)",
                statuses: [78]),
            Setting(
                testDescription: "a home directory that does not exist",
                script: "unset LARKIMG_STORE LARKIMG_KEY_FILE; HOME=/proc/nonexistent; \(add)", statuses: [73, 78]),
            Setting(
                testDescription: "a parent that is a file",
                script: "touch file; LARKIMG_STORE=$PWD/file/store LARKIMG_KEY_FILE=$PWD/key; \(add)",
                statuses: [73, 78]),
            Setting(
                testDescription: "a key whose parent is a file",
                script: "touch file; LARKIMG_STORE=$PWD/store LARKIMG_KEY_FILE=$PWD/file/key; \(add)",
                statuses: [73, 78]),
            Setting(
                testDescription: "a directory that others can write to",
                script: "mkdir -m 777 open; LARKIMG_STORE=$PWD/open/store LARKIMG_KEY_FILE=$PWD/key; \(add)",
                statuses: [78]),
            Setting(
                testDescription: "a directory in place of the store",
                script: "mkdir -m 700 store; LARKIMG_STORE=$PWD/store LARKIMG_KEY_FILE=$PWD/key; \(add)",
                statuses: [78]),
            Setting(
                testDescription: "a working directory that was deleted, and a relative path",
                script: "mkdir gone; cd gone; rmdir ../gone; LARKIMG_STORE=store LARKIMG_KEY_FILE=key; \(add)",
                statuses: [73, 78]),
        ])
    func badPlaces(_ setting: Setting) async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(setting.script)
            #expect(setting.statuses.contains(ending.status), "\(ending.status): \(ending.errors)")
            #expect(ending.output.isEmpty)
            #expect(ending.errors.split(separator: "\n").count == 2, "\(ending.errors)")
        }
    }

    @Test("No command starts another process, and no secret is in the arguments or the environment that it runs with")
    func arguments() async throws {
        try await withCLI {
            $0.apps.append(.store("cli_store", secret: "canary-store-secret", installed: ["key1"]))
        } _: { cli in
            let token = try #require(try await cli.larkimg("token", "--tenant", "acme").lines.first)
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let ticket = try #require(cli.emulator.appTicket(appID: "cli_store"))
            let new = ["--app-secret-file", "-", "--host", cli.platform]
            let commands: [(arguments: [String], input: String)] = [
                (["tenant", "add", "new", "--app-id", CLIHarness.appID] + new, CLIHarness.secret),
                (["tenant", "update", "acme"] + new, CLIHarness.secret),
                (["app", "add", "shop", "--app-id", "cli_store"] + new, "canary-store-secret"),
                (["app", "update", "shop"] + new, "canary-store-secret"),
                (["app", "ticket", "set", "shop", "--file", "-"], ticket), (["app", "show", "shop"], ""),
                (["token", "--tenant", "acme"], ""), (["token", "--tenant", "acme", "--reject", "-"], token),
                (["fetch", "--tenant", "acme", key], ""), (["status"], ""), (["doctor"], ""),
                (["client", "add", "reports", "--tenants", "acme"], ""), (["client", "rotate", "reports"], ""),
                (["store", "check"], ""), (["store", "backup", "copy"], ""), (["tenant", "remove", "new"], ""),
            ]
            for (number, command) in commands.enumerated() {
                let file = "trace\(number)"
                let ending = try await cli.larkimg(
                    command.arguments, input: command.input,
                    wrapper: ["strace", "-f", "-qq", "-v", "-s", "100000", "-e", "trace=execve", "-o", "../\(file)"])
                #expect(ending.status == 0, "\(command.arguments): \(ending.errors)")
                let trace = String(decoding: try cli.folder.read(file), as: UTF8.self)
                #expect(trace.split(separator: "\n").count { $0.contains("execve(") } == 1, "\(trace)")
                for canary in [token, CLIHarness.secret, "canary-store-secret", ticket] + ending.secrets {
                    #expect(!trace.contains(canary), "\(command.arguments)")
                }
            }
        }
    }
}

extension BuiltProgram.Ending {
    /// The secrets that `client add` and `client rotate` print.
    fileprivate var secrets: [String] { lines.filter { $0.hasPrefix("lkc_") } }
}
