import FoundationEssentials
import LarkEmulator
import TestSupport
import Testing

@Suite("The recipes of the guide to messages", .timeLimit(.minutes(10)))
struct MessageGuideTests {
    private static let guide = "Sources/larkimg/larkimg.docc/Messages.md"

    /// The commands of a section, word for word.
    private static func commands(of section: String) throws -> String {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: package.appending(path: guide), encoding: .utf8)
        let rest = try #require(text.split(separator: "### \(section)\n").dropFirst().first)
        let end = rest.firstRange(of: "\n### ")?.lowerBound ?? rest.endIndex
        let blocks = rest[..<end].split(separator: "```sh\n").dropFirst()
            .compactMap { $0.split(separator: "```").first }
        try #require(!blocks.isEmpty)
        return blocks.joined()
    }

    /// Writes the events of a chat with an image, a card of the app and a card of another app.
    private func writeEvents(at cli: CLIHarness) throws {
        let own = cli.seedImages(1)[0]
        let chat = """
            {"chat_id":"oc_1","messages":[
              {"message_id":"om_1","content":{"image_key":"img_1"},"create_time":"1760000000000"},
              {"message_id":"om_2","content":{"image_key":"img_1"},"create_time":"1760000060000"},
              {"message_id":"om_3","sender":{"type":"app","id":"\(CLIHarness.appID)"},"create_time":"1760000060000",
               "card":{"user":{"elements":[{"tag":"img","img_key":"\(own)"}]}}}]}
            """
        cli.emulator.seedChat(
            try JSONDecoder().decode(SeededChat.self, from: Data(chat.utf8)), appID: CLIHarness.appID)
        let events = try #require(cli.emulator.dump(chatID: "oc_1", as: .events))
        try cli.folder.write(Array(events.utf8), to: "work/events.ndjson")
    }

    @Test("A bot's event log becomes pictures by chat and day; the next night nothing is requested")
    func eventLog() async throws {
        try await withCLI { cli in
            try writeEvents(at: cli)
            let recipe = try Self.commands(of: "A bot's event log")
            let first = try await cli.shell(recipe)
            #expect(first.status == 0, "\(first.errors)")
            let day = "images/oc_1/2025-10-09"
            #expect(
                try cli.folder.names(in: "work/\(day)").filter { !$0.hasSuffix(".json") }.prefix(2)
                    == ["085320-img_1.gif", "085420-img_1.gif"])
            let requests = cli.emulator.journal.count
            let second = try await cli.shell(recipe)
            #expect(second.status == 0, "\(second.errors)")
            #expect(second.errors.contains("already there"))
            #expect(cli.emulator.journal.count == requests)
        }
    }

    @Test("The images of the app's own cards are saved")
    func cards() async throws {
        try await withCLI { cli in
            try writeEvents(at: cli)
            let ending = try await cli.shell(try Self.commands(of: "A card archive"))
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.folder.names(in: "work/cards/om_3").count == 1)
        }
    }
}
