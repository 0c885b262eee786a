import LarkEmulator
import TestSupport
import Testing

@Suite("Every error of the platform, row by row, through the binary", .timeLimit(.minutes(10)))
struct ErrorTableTests {
    /// A code, and what an operator must see of it.
    struct Row: Sendable, CustomTestStringConvertible {
        let code: Int
        let status: Int32
        /// Words of the line that name what happened.
        let says: String
        /// Words of the next line that name what to do.
        let remedy: String
        var testDescription: String { "\(code)" }

        init(_ code: Int, _ status: Int32, _ says: String, _ remedy: String) {
            self.code = code
            self.status = status
            self.says = says
            self.remedy = remedy
        }
    }

    /// The document "Download image", all of it.
    static let document = [
        Row(234001, 66, "no such image", "--message MESSAGE_ID img_x"),
        Row(234002, 77, "denies this app", "developer console"),
        Row(234005, 66, "deleted", "upload it again"),
        Row(234007, 77, "bot is not enabled", "app cli_desk"),
        Row(234008, 77, "did not upload", "larkimg fetch --tenant acme --message MESSAGE_ID img_x"),
        Row(234041, 77, "encryption key has been deleted", "administrator"),
        Row(234042, 75, "storage failed", "administrator"),
    ]

    /// The general codes that the gateway answers with.
    static let general = [
        Row(99_991_661, 77, "no token", "Authorization"),
        Row(99_991_662, 77, "not enabled", "enable it"),
        Row(99_991_672, 77, "lacks a scope", "grant the scope"),
        Row(99_991_673, 77, "not authorized in this tenant", "administrator"),
        Row(99_991_401, 77, "allowlist", "address"),
        Row(99_991_403, 75, "monthly quota", "next month"),
        Row(99_992_402, 77, "does not accept a field", "log id"),
        Row(14005, 66, "deleted", "no longer"),
        Row(2200, 69, "internal error", "log id"),
    ]

    @Test("An error of the document, or a general one, under HTTP 400", arguments: document + general)
    func images(_ row: Row) async throws {
        try await withCLI { cli in
            cli.emulator.addFault(
                Fault(.imagesGet, times: .always, .error(status: 400, code: row.code, msg: "said so", headers: nil)))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "img_x")
            try check(ending, row, at: cli)
        }
    }

    @Test("The same under HTTP 200, where a body in JSON is no image", arguments: document)
    func underSuccess(_ row: Row) async throws {
        try await withCLI { cli in
            cli.emulator.addFault(
                Fault(.imagesGet, times: .always, .error(status: 200, code: row.code, msg: "said so", headers: nil)))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "img_x")
            try check(ending, row, at: cli)
        }
    }

    @Test(
        "An error of message resources",
        arguments: [
            Row(230110, 66, "message has been deleted", "no longer"),
            Row(234001, 66, "no such image", "Check message_id"),
            Row(234003, 66, "does not contain", "same message"),
            Row(234004, 77, "not in the chat", "Add the bot"),
            Row(234009, 77, "lacks permission", "permission"),
            Row(234019, 75, "could not check", "Run this again"),
            Row(234037, 65, "larger", "100 MB"),
            Row(234038, 77, "does not allow", "restricted"),
            Row(234040, 77, "invisible", "joined"),
            Row(234043, 77, "message type", "original message"),
        ])
    func messageResources(_ row: Row) async throws {
        try await withCLI { cli in
            cli.emulator.addFault(
                Fault(
                    .messageResourceGet, times: .always,
                    .error(status: 400, code: row.code, msg: "said so", headers: nil)))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "om_1/img_x", "--no-resolve")
            try check(ending, row, at: cli)
        }
    }

    @Test("An unknown code passes through with message and log id")
    func unknownCode() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(
                Fault(.imagesGet, times: .always, .error(status: 400, code: 777_777, msg: "brand new", headers: nil)))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "img_x")
            try check(ending, Row(777_777, 77, "refused img_x", "documents"), message: "brand new", at: cli)
        }
    }

    @Test("A message full of terminal commands is shown harmless, in the line and in JSON")
    func hostileMessage() async throws {
        try await withCLI { cli in
            let hostile = "\u{1B}]0;pwned\u{7}\u{1B}[2J\u{9B}31m\u{1B}]52;c;ZXZpbA==\u{7}\rfake\u{202E}"
            cli.emulator.addFault(
                Fault(.imagesGet, times: .always, .error(status: 400, code: 234008, msg: hostile, headers: nil)))
            for arguments in [[], ["--json"]] {
                let ending = try await cli.larkimg(["fetch", "--tenant", "acme", "img_x"] + arguments)
                #expect(ending.status == 77)
                for scalar in (ending.errors + ending.text).unicodeScalars {
                    #expect(scalar == "\n" || scalar.properties.generalCategory != .control, "\(scalar.value)")
                    #expect(scalar.properties.generalCategory != .format, "\(scalar.value)")
                }
            }
        }
    }

    /// Exit status, code, message, log id, remedy, and nothing on disk.
    private func check(
        _ ending: BuiltProgram.Ending, _ row: Row, message: String = "said so", at cli: CLIHarness
    ) throws {
        let logID = try #require(cli.emulator.journal.last?.logID)
        let lines = ending.errors.split(separator: "\n")
        #expect(ending.status == row.status, "\(ending.errors)")
        #expect(ending.output.isEmpty)
        #expect(lines.count == 2)
        #expect(lines.first?.contains(row.says) == true, "\(ending.errors)")
        #expect(lines.first?.hasSuffix("(\(row.code): \(message), log id \(logID))") == true, "\(ending.errors)")
        #expect(lines.last?.contains(row.remedy) == true, "\(ending.errors)")
        #expect(try cli.files() == [])
    }
}
