import FoundationEssentials
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@Suite("The command line", .timeLimit(.minutes(10)))
struct CommandLineTests {
    @Test(
        "With --json a usage error is one JSON object on stderr, from the parser and from the command",
        arguments: [
            ["token", "--json", "--zzzzzzzzzz"], ["token", "--zzzzzzzzzz", "--format", "json"],
            ["token", "--format=json", "--zzzzzzzzzz"],
            ["tenant", "show", "--json"], ["fetch", "--json", "--jobs", "many", "img_x"],
            ["tenant", "add", "new", "--json", "--quota", "fast"], ["token", "--json", "--tenant", "a b"],
            ["token", "--json", "--tenant", "acme", "--min-ttl", "1801"], ["client", "add", "c", "--json"],
            ["client", "add", "c", "--json", "--tenants", "a b"], ["fetch", "--tenant", "acme", "--json"],
            ["client", "rotate", "c", "--json", "--expires", "90x"], ["store", "backup", "--json", "a", "b"],
        ])
    func json(_ arguments: [String]) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(arguments)
            #expect(ending.status == 64)
            #expect(ending.output.isEmpty)
            let error = try #require(try JSON.object(ending.errors)["error"], "\(ending.errors)")
            #expect(error["type"] == .string("usage"))
            #expect(error["retryable"] == .bool(false))
        }
    }

    @Test("Without --json it is two lines, with the command whose help to read, and no tenant in front")
    func text() async throws {
        try await withCLI { cli in
            let unknown = try await cli.larkimg("tenant", "add", "acme", "--zzzzzzzzzz")
            #expect(unknown.errors == "larkimg: unknown option '--zzzzzzzzzz'\n  See larkimg tenant add --help\n")
            let own = try await cli.larkimg("exec", "--tenant", "acme", "--zzzzzzzzzz", "--", "program", "--json")
            #expect(own.errors == "larkimg: unknown option '--zzzzzzzzzz'\n  See larkimg exec --help\n")
            let bounds = try await cli.larkimg("token", "--tenant", "acme", "--min-ttl", "1801")
            #expect(bounds.errors.hasPrefix("larkimg: --min-ttl must be"), "\(bounds.errors)")
            let escape = try await cli.larkimg("token", "--x\u{1B}[2J")
            #expect(escape.status == 64 && !escape.errors.contains("\u{1B}"), "\(escape.errors)")
        }
    }

    @Test("A group without a subcommand prints its help, and help that cannot be written ends with 74")
    func help() async throws {
        try await withCLI { cli in
            let group = try await cli.larkimg("tenant")
            #expect(group.status == 0 && group.text.contains("SUBCOMMANDS:"), "\(group.errors)")
            let version = try await cli.larkimg("--version").text
            #expect(version.wholeMatch(of: /\S+\ncommit (unknown|[0-9a-f]{12,}(-dirty)?)\nSQLite 3\.[0-9.]+\n/) != nil)
            #expect(version.hasPrefix("\(Version.current)\n"))
            #expect(try await cli.larkimg("token", "--version").text == version)
            let full = try await cli.shell("larkimg --help >/dev/full")
            #expect(full.status == 74, "\(full.errors)")
        }
    }

    @Test("Help wraps between words, at the width of the terminal", arguments: [40, 60, 100])
    func width(_ columns: Int) async throws {
        try await withCLI { cli in
            let variables = ["COLUMNS": "\(columns)"]
            func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
            for command in DocumentationTests.commands {
                let help = try await cli.larkimg(command + ["--help"], extra: variables).text
                let wide = try await cli.larkimg(command + ["--help"], extra: ["COLUMNS": "2000"]).text
                #expect(words(help) == words(wide), "\(command)")
                for line in help.split(separator: "\n") where line.count > columns {
                    #expect(words(String(line)).count == 1, "\(command): \(line)")
                }
            }
        }
    }

    @Test(
        "Completion scripts, and the description of the commands, do not depend on the width of the terminal",
        arguments: [
            ["--generate-completion-script", "bash"], ["--generate-completion-script", "zsh"],
            ["--generate-completion-script", "fish"], ["--experimental-dump-help"],
        ])
    func unwrapped(_ arguments: [String]) async throws {
        try await withCLI { cli in
            let narrow = try await cli.larkimg(arguments, extra: ["COLUMNS": "40"])
            #expect(narrow.status == 0 && narrow.output.count > 10_000)
            #expect(try await cli.larkimg(arguments, extra: ["COLUMNS": "100000"]).output == narrow.output)
        }
    }

    @Test(
        "On a new machine every list is empty, says so on stderr, and ends with 0",
        arguments: [["tenant", "list"], ["app", "list"], ["client", "list"], ["status"]])
    func newMachine(_ command: [String]) async throws {
        try await withCLI { cli in
            let nowhere = [
                "LARKIMG_STORE": cli.folder.appending("none/store").string,
                "LARKIMG_KEY_FILE": cli.folder.appending("none/key").string,
            ]
            let ending = try await cli.larkimg(command, extra: nowhere)
            #expect(ending.status == 0)
            #expect(ending.output.isEmpty)
            #expect(ending.errors.split(separator: "\n").count == 1)
            #expect(ending.errors.contains("to register one: larkimg "), "\(ending.errors)")
            let json = try await cli.larkimg(command + ["--json"], extra: nowhere)
            #expect(json.status == 0 && json.output.isEmpty && json.errors.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: cli.folder.appending("none").string))
        }
    }

    @Test("A store with no app and no client says so")
    func emptyLists() async throws {
        try await withCLI { cli in
            for kind in ["app", "client"] {
                let ending = try await cli.larkimg(kind, "list")
                #expect(ending.status == 0 && ending.output.isEmpty)
                #expect(ending.errors.contains("larkimg \(kind) add NAME"), "\(ending.errors)")
            }
        }
    }

    @Test("A mistyped name is answered with the list of names; only a command that uses one offers to register it")
    func unknownNames() async throws {
        try await withCLI { cli in
            for (command, list) in [
                (["tenant", "remove", "nosuch"], "tenant"), (["tenant", "show", "nosuch"], "tenant"),
                (["tenant", "update", "nosuch"], "tenant"), (["app", "remove", "nosuch"], "app"),
                (["app", "update", "nosuch"], "app"), (["client", "remove", "nosuch"], "client"),
                (["client", "update", "nosuch", "--tenants", "acme"], "client"),
            ] {
                let ending = try await cli.larkimg(command)
                #expect(ending.status == 78)
                #expect(ending.errors.contains("See larkimg \(list) list"), "\(ending.errors)")
                #expect(!ending.errors.contains(" add "), "\(ending.errors)")
            }
            let used = try await cli.larkimg("token", "--tenant", "nosuch")
            #expect(used.errors.contains("larkimg tenant add nosuch"), "\(used.errors)")
        }
    }

    @Test("Names that other systems would fold are different tenants")
    func distinctNames() async throws {
        try await withCLI { cli in
            let names = ["A", "a", "a_b", "a-b", "\u{E9}", "e\u{301}"]
            for name in names { try await cli.addTenant(name) }
            let listed = try await cli.larkimg("tenant", "list", "--json").lines
                .map { try JSON.object($0)["tenant"] }
            // Text would compare as equal what differs in normal form alone.
            let bytes = listed.compactMap { if case .string(let text) = $0 { Array(text.utf8) } else { nil } }
            #expect(Set(bytes) == Set((names + ["acme"]).map { Array($0.utf8) }))
            for name in names { #expect(try await cli.larkimg("token", "--tenant", name).status == 0) }
        }
    }

    @Test(
        "An app_id with characters that a terminal acts on is refused, and shown escaped",
        arguments: ["cli\n", "cli\u{1B}[2J", "cli\u{202E}x", "cli\u{9B}2J"])
    func appID(_ id: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "tenant", "add", "new", "--app-id", id, "--app-secret-file", "-", input: "s")
            #expect(ending.status == 64)
            #expect(ending.errors.contains("\\u{"), "\(ending.errors)")
            #expect(!ending.errors.contains(id))
        }
    }

    @Test("The bounds of --min-ttl are taken, and nothing beyond them")
    func minTTL() async throws {
        try await withCLI { cli in
            for (seconds, status) in [
                ("0", 0), ("1800", 0), ("30m", 0), ("1801", 64), ("31m", 64), ("1d", 64), ("99999999", 64),
                ("1e9", 64),
            ] {
                let ending = try await cli.larkimg("token", "--tenant", "acme", "--min-ttl", seconds)
                #expect(ending.status == status, "\(seconds): \(ending.errors)")
            }
        }
    }
}
