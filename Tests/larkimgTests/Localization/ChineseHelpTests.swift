import ArgumentParser
import Testing

@testable import larkimg

@Suite("The help in Chinese")
struct ChineseHelpTests {
    /// A command and all below it.
    static func commands(
        below command: any ParsableCommand.Type = Larkimg.self
    ) -> [any ParsableCommand.Type] {
        [command] + command.configuration.subcommands.flatMap { commands(below: $0) }
    }

    /// Its help with each text on one line.
    static func help(of command: any ParsableCommand.Type) -> String {
        Larkimg.helpMessage(for: command, columns: 100_000)
    }

    @Test("Every text in the help of every command has a translation")
    func complete() {
        let commands = Self.commands()
        #expect(commands.count == DocumentationTests.commands.count)
        var missing: Set<String> = []
        for command in commands {
            _ = HelpText(columns: 80, language: .chinese)
                .translated(Self.help(of: command)) { text in
                    if ChineseTexts.table.translation(of: text) == nil { missing.insert(text) }
                    return text
                }
        }
        #expect(missing == [])
    }

    @Test("Examples, options and usage are the same, and lines fit the terminal", arguments: [40, 60, 80, 120])
    func form(_ columns: Int) {
        for command in Self.commands() {
            let help = Self.help(of: command)
            let translated = HelpText(columns: columns, language: .chinese).translated(help, Language.chinese.text)
            let lines = Set(translated.split(separator: "\n"))
            let english = help.split(separator: "\n", omittingEmptySubsequences: false)
            let example = english.drop { $0 != "EXAMPLE" }.dropFirst().prefix { !$0.isEmpty }
            #expect(!example.isEmpty)
            for line in example { #expect(lines.contains(line), "\(line)") }
            for option in help.matches(of: /(?m)^  (--?[a-z][^ ]*)/) {
                #expect(lines.contains { $0.hasPrefix("  \(option.output.1)") }, "\(option.output.1)")
            }
            for line in lines where !example.contains(line) && LineWrapping.width(line) > columns {
                // Only what is a single word may be longer: a path, or the name of an option.
                let words = line.drop { $0 == " " }
                #expect(!words.contains(" ") || words.hasPrefix("-"), "\(line)")
            }
        }
    }

    @Test("The first steps are in Chinese, with the same commands")
    func firstSteps() {
        let english = FirstSteps.text(in: .english).split(separator: "\n")
        let chinese = FirstSteps.text(in: .chinese).split(separator: "\n")
        #expect(english.count == chinese.count)
        for (line, translation) in zip(english, chinese) {
            #expect((line == translation) == line.hasPrefix("  larkimg "), "\(line)")
            #expect(LineWrapping.width(translation) <= 80, "\(translation)")
        }
    }

    @Test("Chinese lines are broken between characters, but not before or after punctuation that belongs to one")
    func wrapping() {
        let wrapping = LineWrapping(columns: 8)
        #expect(wrapping.wrapped("一二三四五", after: "", indent: 0) == "一二三四\n五")
        #expect(wrapping.wrapped("一二三四。五", after: "", indent: 0) == "一二三\n四。五")
        #expect(wrapping.wrapped("一二三（四）", after: "", indent: 2) == "一二三\n  （四）")
        #expect(wrapping.wrapped("一 larkimg", after: "", indent: 2) == "一\n  larkimg")
        #expect(wrapping.wrapped("ab cd ef", after: "", indent: 0) == "ab cd ef")
        #expect(wrapping.wrapped("ab cd efg", after: "  ", indent: 2) == "  ab cd\n  efg")
    }
}
