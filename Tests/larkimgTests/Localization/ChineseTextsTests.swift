import ArgumentParser
import LarkAPI
import Testing

@testable import larkimg

@Suite("The Chinese texts")
struct ChineseTextsTests {
    private static let entries = ChineseTexts.sources.flatMap(TextTable.entries)

    @Test("Each text is on a line of its own, with its translation on the next one, and is there once")
    func form() {
        for source in ChineseTexts.sources {
            for entry in source.split(separator: "\n\n") {
                #expect(entry.split(separator: "\n").count == 2, "\(entry)")
            }
        }
        #expect(Self.entries.count > 500)
        #expect(Set(Self.entries.map(\.text)).count == Self.entries.count)
    }

    @Test("A translation has the same placeholders as its text, whose placeholders are in order")
    func placeholders() {
        for (text, translation) in Self.entries {
            let numbers = text.matches(of: /%([1-9])/).compactMap { Int($0.output.1) }
            #expect(numbers == Array(1..<numbers.count + 1), "\(text)")
            #expect(
                Set(translation.matches(of: /[%@]([1-9])/).compactMap { Int($0.output.1) }) == Set(numbers), "\(text)")
        }
    }

    @Test("Options, variables, names of fields and commands are the same in a translation")
    func unchangedWords() {
        // Headings of the help are translated.
        for (text, translation) in Self.entries where text.contains(where: \.isLowercase) {
            for word in Self.unchangedWords(of: text) where word != "LISTS" {
                #expect(translation.contains(word), "\(word) in \(text)")
            }
            for rest in text.split(separator: "larkimg ", omittingEmptySubsequences: false).dropFirst() {
                let words = rest.split(separator: " ").map { $0.prefix { $0.isLetter || $0 == "-" } }
                let command = CommandPath(of: words.map(String.init)).text
                #expect(translation.contains(command), "\(command) in \(text)")
            }
            // A command line as a whole.
            if let command = text.firstMatch(of: /: ((larkimg|usermod|mkdir|swift|ulimit) [^,;]*)$/) {
                #expect(translation.hasSuffix(command.output.1), "\(text)")
            }
        }
    }

    private static func unchangedWords(of text: String) -> [Substring] {
        text.split { !($0.isLetter || $0.isNumber || "_-${}".contains($0)) }
            .compactMap { word in
                // A plural: `app_secrets`.
                if word.contains("_") { return word.hasSuffix("secrets") ? word.dropLast() : word }
                guard word.contains(where: \.isLetter) else { return nil }
                let isCapital = word.count > 2 && word.allSatisfy { !$0.isLowercase }
                return isCapital || ["-", "$", "{"].contains(word.prefix(1)) ? word : nil
            }
    }

    @Test("Every code of the platform has a meaning and remedies in Chinese", arguments: LarkErrorCode.table)
    func codes(_ row: LarkErrorCode) throws {
        #expect(ChineseTexts.table.translation(of: row.meaning) != nil, "\(row.meaning)")
        for appID in [nil, try AppID("cli_x")] {
            let words = RemedyText(tenant: try TenantName("acme"), reference: nil, appID: appID)
            for remedy in [row.remedy, row.messageResourceRemedy].compactMap(\.self) {
                #expect(ChineseTexts.table.translation(of: words.text(remedy)) != nil, "\(words.text(remedy))")
            }
        }
    }

    @Test("Every action has a remedy in Chinese, with the same command and names")
    func actions() throws {
        for (enumeration, cases) in try RemedyActionSamples.all() {
            let targets = ["LarkAPI", "TokenStore", "ImageFetch", "AuthService"]
            let sources = try targets.flatMap { try SourceText.files(of: $0) }.map(\.source)
            let source = try #require(sources.first { $0.contains("enum \(enumeration): RemedyAction") })
            #expect(SourceText.caseCount(of: enumeration, in: source) == cases.count, "\(enumeration)")
        }
        for text in try RemedyActionSamples.texts() {
            let translation = try #require(ChineseTexts.table.translation(of: text), "\(text)")
            for name in ["acme", "globex", "shop", "reports", "img_x", "cli_x", "staff"] where text.contains(name) {
                #expect(translation.contains(name), "\(text)")
            }
            if let command = text.firstMatch(of: /: (larkimg [^,.;]+)$/) {
                #expect(translation.hasSuffix(command.output.1), "\(text)")
            }
        }
    }
}
