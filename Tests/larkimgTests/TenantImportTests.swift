import FoundationEssentials
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("larkimg tenant import", .timeLimit(.minutes(10)))
struct TenantImportTests {
    private static let secret = CLIHarness.secret

    /// A file that cannot be imported.
    struct BadFile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        /// Words of the error.
        let says: String
    }

    @Test(
        "What is no file with tenants is refused, without a word of it",
        arguments: [
            BadFile(testDescription: "nothing", text: "", says: "none of the known forms"),
            BadFile(testDescription: "another text", text: "canary\n", says: "none of the known forms"),
            BadFile(testDescription: "variables without an app", text: "X_APP_ID=canary", says: "has no tenants"),
            BadFile(testDescription: "other JSON", text: #"{"canary": 1}"#, says: "not a configuration of lark-cli"),
            BadFile(testDescription: "broken JSON", text: #"{"apps": [{"appSecret": "canary""#, says: "not a config"),
            BadFile(testDescription: "no apps", text: #"{"apps": []}"#, says: "has no tenants"),
            BadFile(
                testDescription: "an unknown column", text: "name,app_id,app_secert\na,cli_a,canary\n",
                says: "there is no column app_secert"),
            BadFile(testDescription: "a header alone", text: "name,app_id,app_secret\n", says: "has no tenants"),
            BadFile(testDescription: "not UTF-8", text: "binary", says: "in UTF-8"),
        ])
    func badFiles(_ file: BadFile) async throws {
        try await withCLI { cli in
            let bytes = file.text == "binary" ? [0xFF, 0xFE, 0x00] : Array(file.text.utf8)
            try cli.folder.write(bytes, to: "work/file")
            let ending = try await cli.larkimg("tenant", "import", "file")
            #expect(ending.status == 64 && ending.output.isEmpty, "\(ending.errors)")
            #expect(ending.errors.contains(file.says), "\(ending.errors)")
            #expect(!ending.errors.contains("canary"), "\(ending.errors)")
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("A table whose first row has no names of columns is refused, and no cell of it is repeated")
    func noHeader() async throws {
        try await withCLI { cli in
            try cli.folder.write(Array("canary,cli_x,acme\n".utf8), to: "work/file")
            let ending = try await cli.larkimg("tenant", "import", "file", "--format", "csv")
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(ending.errors.contains("the first row does not name the columns"), "\(ending.errors)")
            #expect(!ending.errors.contains("canary"), "\(ending.errors)")
        }
    }

    @Test("A file that is not there, and stdin that is closed, are errors")
    func missing() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg("tenant", "import", "nowhere")
            #expect(ending.status == 64 && ending.errors.contains("no such file"), "\(ending.errors)")
            #expect(try await cli.shell("larkimg tenant import - <&-").status == 64)
        }
    }

    /// A table with faulty rows among good ones.
    private func table(_ cli: CLIHarness) -> String {
        """
        name,app_id,app_secret,app_secret_from,host,tenant_key
        one,\(CLIHarness.appID),\(Self.secret),,\(cli.platform),
        canary-app-secret-4711,cli_x,,,,
        two,canary-app-secret-4711,,,,
        three,cli_x,canary app secret 4711,,,
        four,cli_x,\(Self.secret),env:X,,
        five,cli_x,,canary-app-secret-4711,,
        six,cli_x,\(Self.secret),,canary-app-secret-4711,
        one,cli_x,\(Self.secret),,,
        "seven",cli_x,"\(Self.secret)"
        eight,\(CLIHarness.appID),wrong-canary,,\(cli.platform),
        nine,cli_unknown,,,,key1
        ten,\(CLIHarness.appID),,env:LARK_SECRET,\(cli.platform),
        acme,cli_x,\(Self.secret),,,
        eleven,\(CLIHarness.appID),"\(Self.secret)
        """
    }

    @Test("One faulty row does not stop the others; the status is 1, and no secret is in the output")
    func faultyRows() async throws {
        try await withCLI { cli in
            let extra = ["LARK_SECRET": Self.secret]
            let ending = try await cli.larkimg("tenant", "import", "-", input: table(cli), extra: extra)
            #expect(ending.status == 1)
            #expect(
                ending.lines == [
                    "added one (\(CLIHarness.appID) at \(cli.platform))",
                    "added ten (\(CLIHarness.appID) at \(cli.platform))",
                    "skipped acme (cli_x at lark): it exists; --update replaces its app",
                ], "\(ending.text)\(ending.errors)")
            for words in [
                "line 3: there is no app_secret", "line 4: the app_id does not begin with cli_",
                "line 5: the app_secret contains a space", "line 6: it has an app_secret and a reference",
                "line 7: the app_secret_from is not valid", "line 8: the host is not valid",
                "line 9: the name one is taken by line 2", "line 10: it has 3 cells, and the header 6",
                "eight: ", "there is no store app with the app_id cli_unknown", "line 15: a quote is not closed",
            ] {
                #expect(ending.errors.contains(words), "\(words): \(ending.errors)")
            }
            #expect(!ending.errors.contains("canary"), "\(ending.errors)")
            #expect(try await cli.larkimg("store", "check").text == "sound: 3 tenants\n")
            #expect(try await cli.larkimg("tenant", "show", "ten").text.contains("env:LARK_SECRET"))
        }
    }

    @Test("A dry run prints what would be done, sends nothing and changes nothing, not even on a new machine")
    func dryRun() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg("tenant", "import", "-", "--dry-run", "--update", input: table(cli))
            #expect(ending.status == 1)
            #expect(ending.lines.contains("would add one (\(CLIHarness.appID) at \(cli.platform))"), "\(ending.text)")
            #expect(ending.lines.contains("would update acme (cli_x at lark)"), "\(ending.text)")
            #expect(!"\(ending.text)\(ending.errors)".contains("canary"))
            #expect(cli.emulator.journal.isEmpty)
            #expect(try await cli.larkimg("store", "check").text == "sound: 1 tenant\n")
            let nowhere = [
                "LARKIMG_STORE": cli.folder.appending("none/store").string,
                "LARKIMG_KEY_FILE": cli.folder.appending("none/key").string,
            ]
            let input = "APP_ID=cli_x\nAPP_SECRET=s\n"
            let new = try await cli.larkimg("tenant", "import", "-", "--dry-run", input: input, extra: nowhere)
            #expect(new.text == "would add cli_x (cli_x at lark)\n", "\(new.errors)")
            #expect(!FileManager.default.fileExists(atPath: cli.folder.appending("none").string))
        }
    }

    @Test("--update replaces the app of a tenant that exists; without it the tenant stays as it is, with status 0")
    func update() async throws {
        try await withCLI { cli in
            cli.emulator.setApp(.custom("cli_new", secret: "new"))
            let input = "name;app_id;app_secret;host\r\nacme; cli_new ;new;\(cli.platform)\r\n"
            let kept = try await cli.larkimg("tenant", "import", "-", input: input)
            #expect(kept.status == 0 && kept.text.hasPrefix("skipped acme "), "\(kept.errors)")
            #expect(try await cli.larkimg("tenant", "show", "acme").text.contains(CLIHarness.appID))
            let updated = try await cli.larkimg("tenant", "import", "-", "--update", input: input)
            #expect(updated.text == "updated acme (cli_new at \(cli.platform))\n", "\(updated.errors)")
            #expect(try await cli.larkimg("tenant", "show", "acme").text.contains("cli_new"))
        }
    }

    @Test(
        "A .env file is read as shells and libraries do",
        arguments: [
            ("APP_ID=cli_x\nAPP_SECRET=abc\n", "cli_x at lark"),
            ("# app\nexport LARK_APP_ID='cli_x' # mine\nexport LARK_APP_SECRET=\"abc\"\n", "cli_x at lark"),
            ("FEISHU_APP_ID = cli_x\r\nFEISHU_APP_SECRET= abc # it\r\n", "cli_x at feishu"),
            ("LARKSUITE_CLI_APP_ID=cli_x\nLARKSUITE_CLI_BRAND=feishu\nLARKSUITE_CLI_APP_SECRET=abc", "cli_x at feishu"),
            ("\u{FEFF}APP_SECRET='a$c'\nAPP_ID=cli_old\nAPP_ID=cli_x\n", "cli_x at lark"),
        ])
    func dotEnv(_ text: String, _ app: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "tenant", "import", "-", "--name", "mine", "--no-verify", input: text)
            #expect(ending.text == "added mine (\(app))\n", "\(ending.errors)")
        }
    }

    @Test("A value of a .env file that a shell would change is refused, and so is an app without a secret")
    func dotEnvProblems() async throws {
        try await withCLI { cli in
            for (text, words) in [
                ("APP_ID=cli_x\nAPP_SECRET=$CANARY\n", "refers to another variable"),
                ("APP_ID=cli_x\nAPP_SECRET=\"${CANARY}\"\n", "refers to another variable"),
                ("LARK_APP_ID=cli_x\nAPP_SECRET=canary\n", "there is no LARK_APP_SECRET"),
            ] {
                let ending = try await cli.larkimg("tenant", "import", "-", input: text)
                #expect(ending.status == 1 && ending.errors.contains(words), "\(ending.errors)")
                #expect(!ending.errors.lowercased().contains("canary"), "\(ending.errors)")
            }
        }
    }

    @Test("The apps of lark-cli are imported; what its keychain holds is missing, with the command that adds it")
    func larkCLI() async throws {
        try await withCLI { cli in
            let file = try cli.folder.write(Array("\(Self.secret)\n".utf8), to: "lark-secret").string
            let text = """
                {"strictMode": false, "currentApp": "work", "apps": [
                  {"name": "work", "appId": "\(CLIHarness.appID)", "appSecret": "\(Self.secret)", "brand": "lark",
                   "users": []},
                  {"appId": "cli_f", "appSecret": {"source": "file", "id": "\(file)"}, "brand": "feishu", "users": null},
                  {"name": "kept", "appId": "cli_k", "appSecret": {"source": "keychain", "id": "appsecret:cli_k"},
                   "brand": "feishu"},
                  {"name": "none", "appId": "cli_n", "brand": "lark"}
                ]}
                """
            let ending = try await cli.larkimg("tenant", "import", "-", "--no-verify", "--json", input: text)
            #expect(ending.status == 1 && ending.errors.isEmpty, "\(ending.errors)")
            let lines = try ending.lines.map { try JSON.object($0) }
            #expect(
                lines.map { $0["status"] } == [
                    .string("added"), .string("added"), .string("failed"), .string("failed"),
                ])
            #expect(lines.map { $0["tenant"] } == ["work", "cli_f", "kept", "none"].map { .string($0) })
            #expect(lines[1]["app"] == .string("cli_f at feishu"))
            #expect(
                ending.lines[2].contains("then: larkimg tenant add kept --app-id cli_k --host feishu"), "\(ending.text)"
            )
            #expect(!ending.text.contains(Self.secret))
            #expect(try await cli.larkimg("tenant", "show", "cli_f").text.contains("file:\(file)"))
        }
    }

    @Test("Tenants of a store app are found by its app_id or its name")
    func installed() async throws {
        try await withShop { cli in
            let input = """
                tenant_key\tapp_id\tname\tapp
                key1\t\(CLIHarness.shop)\tby-id\t
                key1\t\tby-name\tshop
                """
            let ending = try await cli.larkimg("tenant", "import", "-", "--no-verify", input: input)
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.lines == ["added by-id (store app \(CLIHarness.shop))", "added by-name (app shop)"])
            for name in ["by-id", "by-name"] {
                #expect(try await cli.larkimg("tenant", "show", name).text.contains("tenant_key  key1\n"))
            }
        }
    }
}
