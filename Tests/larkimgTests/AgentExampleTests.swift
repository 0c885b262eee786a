import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@Suite("The examples of the guide to token files", .timeLimit(.minutes(5)))
struct AgentExampleTests {
    private static let guide = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("Sources/larkimg/larkimg.docc/Agent.md")

    /// The blocks of the guide in a language.
    private static func blocks(_ language: String) throws -> [String] {
        let text = try String(contentsOf: URL(filePath: guide.string), encoding: .utf8)
        return text.split(separator: "```\(language)\n").dropFirst()
            .compactMap { $0.split(separator: "```").first.map(String.init) }
    }

    /// Runs a command of an example, without a store and with a service that no one reaches: it must get as far as that.
    private static func check(_ words: [String], in folder: TemporaryFolder) async throws {
        let words = words.map { word in
            // Only the directory of this test exists.
            word.replacing(/=[^=]*\/(?<name>[^\/]+)$/) { "=\(folder.path)/\($0.output.name)" }
        }
        let ending = try await BuiltProgram("larkimg")
            .run(
                words,
                environment: [
                    "LARKIMG_STORE": "/nonexistent/store", "LARKIMG_KEY_FILE": "/nonexistent/key",
                    "PATH": "/usr/bin:/bin",
                ], in: folder.path)
        #expect(ending.status == 78, "\(words): \(ending.errors)")
        #expect(ending.errors.contains("there is no store at"), "\(ending.errors)")
    }

    @Test("YAML can be read, and larkimg understands the commands in it")
    func yaml() async throws {
        let blocks = try Self.blocks("yaml")
        #expect(blocks.count == 3)
        try await withTemporaryFolder { folder in
            // Prints the arguments of containers and the scripts of steps, a JSON document a line.
            let script = """
                import json, sys, yaml
                def walk(node):
                    if isinstance(node, dict):
                        if node.get("command") == ["larkimg"]: print(json.dumps(node["args"]))
                        if "run" in node: print(json.dumps(node["run"]))
                        for value in node.values(): walk(value)
                    elif isinstance(node, list):
                        for value in node: walk(value)
                documents = list(yaml.safe_load_all(sys.stdin))
                assert documents and all(isinstance(document, dict) for document in documents), documents
                for document in documents: walk(document)
                print(json.dumps({"kinds": [document.get("kind") for document in documents]}))
                """
            var commands: [[String]] = []
            var scripts: [String] = []
            for block in blocks {
                let ending = try await BuiltProgram("/usr/bin/python3")
                    .run(["-c", script], environment: [:], in: folder.path, input: block)
                #expect(ending.status == 0, "\(ending.errors)\n\(block)")
                for line in ending.lines {
                    let bytes = Data(line.utf8)
                    if let words = try? JSONDecoder().decode([String].self, from: bytes) { commands.append(words) }
                    if let text = try? JSONDecoder().decode(String.self, from: bytes) { scripts.append(text) }
                }
            }
            #expect(commands.count == 1 && scripts.count == 3)
            for words in commands { try await Self.check(words, in: folder) }
            for text in scripts {
                let checked = try await BuiltProgram("/bin/bash")
                    .run(["-n", "-c", text], environment: [:], in: folder.path)
                #expect(checked.status == 0, "\(checked.errors)\n\(text)")
            }
            let calls = scripts.flatMap { $0.matches(of: /larkimg agent [^\n]*/).map { String($0.output) } }
            #expect(calls.count == 1)
            for call in calls {
                let words = call.replacing("\"", with: "").split(separator: " ").dropFirst().map(String.init)
                try await Self.check(words, in: folder)
            }
        }
    }

    @Test("Lines for cron have five fields and a command that larkimg or curl understands")
    func cron() async throws {
        try await withTemporaryFolder { folder in
            let lines = try Self.blocks("cron").flatMap { $0.split(separator: "\n") }
            #expect(lines.count == 2)
            for line in lines {
                let fields = line.split(separator: " ", maxSplits: 5).map(String.init)
                try #require(fields.count == 6)
                for field in fields.prefix(5) { #expect(field.wholeMatch(of: /\*|\*\/\d+|\d+/) != nil, "\(line)") }
                // In a crontab a percent sign ends the command (crontab(5)).
                #expect(!fields[5].contains("%"))
                let words = fields[5].split(separator: " ").map(String.init)
                if words[0].hasSuffix("/larkimg") { try await Self.check(Array(words.dropFirst()), in: folder) }
            }
        }
    }

    @Test("nginx understands its configuration, with a file that the agent wrote")
    func nginx() async throws {
        let block = try #require(try Self.blocks("nginx").first)
        try await withCLI { cli in
            let written = try await cli.larkimg(
                "agent", "--once", "--write", "acme=acme.conf", "--format", "nginx", "--mode", "644")
            #expect(written.status == 0, "\(written.errors)")
            let folder = cli.folder.appending("work").string
            // The test has no names of hosts, and no directories but its own.
            let server = block.replacing("/etc/nginx/lark", with: folder)
                .replacing("proxy_pass https://open.larksuite.com", with: "proxy_pass https://127.0.0.1")
            let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
            let configuration = """
                pid \(folder)/nginx.pid;
                error_log stderr;
                events {}
                http {
                access_log off;
                \(paths.joined(separator: "\n"))
                \(server)
                }
                """
            let file = try cli.folder.write(Array(configuration.utf8), to: "nginx.conf").string
            let ending = try await cli.shell("PATH=$PATH:/usr/sbin; nginx -t -q -p \(folder) -c \(file)")
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("systemd understands the unit, and larkimg the command in it")
    func unit() async throws {
        let block = try #require(try Self.blocks("ini").first)
        try await withTemporaryFolder { folder in
            let command = try #require(block.firstMatch(of: /ExecStart=\S*larkimg ([^\n]*)/)?.output.1)
            try await Self.check(command.split(separator: " ").map(String.init), in: folder)
            let unit = block.replacing("/usr/local/bin/larkimg", with: BuiltProgram("larkimg").executable.string)
            let file = try folder.write(Array(unit.utf8), to: "larkimg-agent.service").string
            let verified = try await BuiltProgram("/usr/bin/systemd-analyze")
                .run(
                    ["verify", "--recursive-errors=no", file], environment: ["PATH": "/usr/bin:/bin"], in: folder.path)
            #expect(verified.status == 0 && verified.errors.isEmpty, "\(verified.errors)")
        }
    }
}
