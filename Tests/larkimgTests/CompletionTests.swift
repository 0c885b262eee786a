import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@Suite("Completion in the shell", .timeLimit(.minutes(10)))
struct CompletionTests {
    /// What the completion script asks the program for: the candidates for the last word of a command line.
    private static func candidates(
        _ command: [String], _ argument: String, _ words: [String], _ cli: CLIHarness, extra: [String: String] = [:]
    ) async throws -> [String] {
        let line = ["larkimg"] + command + words
        let ending = try await cli.larkimg(
            ["---completion"] + command + ["--", argument, "\(line.count - 1)", "\(line.last?.count ?? 0)"] + line,
            extra: extra)
        #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
        return ending.lines.filter { !$0.isEmpty }
    }

    @Test("Without a store, with a damaged one and with a wrong key there are no candidates and no errors")
    func unreadable() async throws {
        try await withCLI { cli in
            try cli.folder.write([UInt8](repeating: 1, count: 32), to: "home/other-key")
            try cli.folder.write([UInt8](repeating: 1, count: 5000), to: "home/damaged")
            let home = cli.folder.appending("home")
            for variables in [
                ["LARKIMG_STORE": "\(home)/none/store", "LARKIMG_KEY_FILE": "\(home)/none/key"],
                ["LARKIMG_STORE": "\(home)/damaged"], ["LARKIMG_KEY_FILE": "\(home)/other-key"],
                ["LARKIMG_STORE": "postgres://127.0.0.1:1/none"], ["LARKIMG_STORE": "", "HOME": ""],
            ] {
                let found = try await Self.candidates(["token"], "--tenant", ["--tenant", ""], cli, extra: variables)
                #expect(found.isEmpty, "\(variables)")
            }
            #expect(!FileManager.default.fileExists(atPath: "\(home)/none"))
        }
    }

    @Test("Tenants, apps and clients are those of the store, also if no secret can be opened")
    func names() async throws {
        try await withCLI { cli in
            try await cli.addTenant("globex")
            for script in [
                "printf secret | larkimg app add shop --app-id cli_shop --app-secret-file - --no-verify",
                "larkimg client add reports --tenants acme",
                "sqlite3 $LARKIMG_STORE 'UPDATE app SET sealed_secret = zeroblob(60)'",
            ] {
                let ending = try await cli.shell(script)
                try #require(ending.status == 0, "\(ending.errors)")
            }
            for (command, argument, words, expected) in [
                (["fetch"], "--tenant", ["--tenant", ""], ["acme", "globex"]),
                (["tenant", "show"], "positional@0", [""], ["acme", "globex"]),
                (["tenant", "add"], "--app", ["new", "--app", ""], ["shop"]),
                (["app", "ticket", "set"], "positional@0", [""], ["shop"]),
                (["client", "rotate"], "positional@0", [""], ["reports"]),
                (["client", "add"], "--tenants", ["new", "--tenants", ""], ["acme", "globex"]),
                (["client", "add"], "--tenants", ["new", "--tenants", "globex,"], ["globex,acme"]),
            ] {
                let found = try await Self.candidates(command, argument, words, cli)
                #expect(found == expected, "\(command)")
            }
        }
    }

    @Test("The store that the command line names is read")
    func otherStore() async throws {
        try await withCLI { cli in
            let store = cli.folder.appending("home/other.sqlite").string
            let added = try await cli.larkimg(
                "tenant", "add", "initech", "--store", store, "--app-id", "cli_x", "--app-secret-file", "-",
                "--no-verify", input: "secret")
            try #require(added.status == 0, "\(added.errors)")
            let words = ["--store", store, "--tenant", ""]
            #expect(try await Self.candidates(["fetch"], "--tenant", words, cli) == ["initech"])
        }
    }

    @Test("bash offers the names, and files where a file is expected")
    func bash() async throws {
        try await withCLI { cli in
            try cli.folder.write([], to: "work/keys.txt")
            let ending = try await cli.shell(
                """
                . <(larkimg --generate-completion-script bash)
                offer() {
                    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
                    COMP_POINT=${#COMP_LINE}
                    _larkimg larkimg "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
                    printf '%s\\n' "${COMPREPLY[*]}"
                }
                offer larkimg fetch --tenant a
                offer larkimg fetch --input k
                offer larkimg tenant upd
                """)
            #expect(ending.lines == ["acme", "keys.txt", "update"], "\(ending.text)\(ending.errors)")
        }
    }
}
