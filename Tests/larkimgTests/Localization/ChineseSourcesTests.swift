import ArgumentParser
import FoundationEssentials
import Testing

@testable import larkimg

/// Compares the Chinese texts with the texts in the sources: none is missing, and none is left over.
@Suite("The Chinese texts and the sources")
struct ChineseSourcesTests {
    /// The libraries whose errors have remedies.
    private static let libraries = ["LarkAPI", "TokenStore", "ImageFetch", "AuthServiceClient", "AuthService"]

    private static func missing(_ literal: SourceText.Literal, in path: String) -> [String] {
        ShownTexts.texts(of: literal, in: path).filter { ChineseTexts.table.translation(of: $0) == nil }
            .map { "\(path): \($0)" }
    }

    @Test("Every remedy in the libraries has a translation")
    func remedies() throws {
        // What these files hold besides remedies: no remedy begins like this.
        let others = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "HTTP %1", "Retried after "]
        var missing: [String] = []
        var count = 0
        for (path, source) in try Self.libraries.flatMap(SourceText.files) where source.contains("emedy") {
            // `RemedyActionSamples` has the descriptions of actions.
            let descriptions = Self.actionDescriptions(in: source)
            for literal in SourceText.literals(in: source) {
                let text = literal.text
                let isRemedy = literal.before.hasSuffix("remedy:") || literal.before.hasSuffix("Remedy(")
                guard isRemedy || text.first?.isUppercase == true && text.contains(" "), !text.isEmpty,
                    !descriptions.contains(text), !others.contains(where: text.hasPrefix)
                else { continue }
                count += 1
                missing += Self.missing(literal, in: path)
            }
        }
        #expect(missing == [])
        #expect(count > 100)
    }

    private static func actionDescriptions(in source: String) -> Set<String> {
        let block = source.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { !$0.contains(": RemedyAction, ") }.drop { !$0.contains("var description: String") }
            .prefix { !$0.hasPrefix("}") }
        return Set(SourceText.literals(in: block.joined(separator: "\n")).map(\.text))
    }

    @Test("Every error with a remedy in the libraries has a translation")
    func errors() throws {
        var missing: [String] = []
        var count = 0
        for (path, source) in try Self.libraries.flatMap(SourceText.files) {
            for literal in SourceText.literals(in: source) where literal.text.contains(" ") {
                let before = literal.before
                let isError =
                    literal.after.hasPrefix(", remedy:") || path.hasSuffix("/LarkError+Connection.swift")
                    || before.firstMatch(of: /(Lark|Store|ImageFetch|ServiceStart)Error\( ?\.[a-zA-Z]+,$/) != nil
                    || before.firstMatch(of: /(unusable|unsafe)\( ?[a-z]+,$/) != nil
                    || ["replacing(", "repeated(", "adding(", "notAnImage(", "notAList(", "summary ="]
                        .contains { before.hasSuffix($0) }
                guard isError else { continue }
                count += 1
                missing += Self.missing(literal, in: path)
            }
        }
        #expect(missing == [])
        #expect(count > 100)
    }

    @Test("The other libraries have no remedies", arguments: ["Database", "Messages", "PosixFiles"])
    func noRemedies(_ target: String) throws {
        for (path, source) in try SourceText.files(of: target) { #expect(!source.contains("Remedy"), "\(path)") }
    }

    @Test("Every error of a command, and what to do about it, has a translation")
    func commandErrors() throws {
        var missing: [String] = []
        var count = 0
        for (path, source) in try SourceText.files(of: "larkimg") where !Self.isTestedOtherwise(path) {
            for literal in SourceText.literals(in: source) where literal.text.contains(" ") {
                let before = literal.before
                let isHelp = ["help:", "ArgumentHelp(", "abstract:", "discussion:", "json: ArgumentHelp ="]
                    .contains { before.hasSuffix($0) }
                let isError = ["description:", "error(", "problem = (", "note(", "remedy:", "Remedy("]
                    .contains { before.hasSuffix($0) }
                // What else begins with a capital letter is a heading or a header.
                let isSentence =
                    literal.text.first?.isUppercase == true && literal.text.contains(where: \.isLowercase)
                    && !literal.text.hasPrefix("Authorization: ")
                guard !isHelp, isError || isSentence else { continue }
                count += 1
                missing += Self.missing(literal, in: path)
            }
        }
        #expect(missing == [])
        #expect(count > 150)
    }

    private static func isTestedOtherwise(_ path: String) -> Bool {
        path.contains("/Localization/") || path.hasSuffix("/RemedyText.swift")
            // An action that fails is logged, and the logs are English.
            || path.hasSuffix("/ChangeHook.swift")
    }

    @Test("Every text is in the sources, or of the parser or the system")
    func noneIsLeftOver() throws {
        var shown = ShownTexts.samples
        shown += try RemedyActionSamples.texts()
        shown += ChineseHelpTests.commands().map(ChineseHelpTests.help)
        for (path, source) in try (Self.libraries + ["larkimg"]).flatMap(SourceText.files)
        where !path.contains("/Localization/") {
            for literal in SourceText.literals(in: source) {
                shown.append(literal.text.replacing(/%[1-9]/, with: "\n"))
                shown += ShownTexts.texts(of: literal, in: path)
            }
        }
        // A line break is a boundary: it is where something else may be.
        let all = shown.map { $0.replacing(/[ \n]*\n[ \n]*/, with: "\n") }.joined(separator: "\n")
        for (text, _) in ChineseTexts.sources.flatMap(TextTable.entries) where !Self.foreignTexts.contains(text) {
            for piece in text.split(separator: /%[1-9]/) { #expect(all.contains(piece), "\(text)") }
        }
    }

    private static let foreignTexts: Set = [
        "unknown option '%1'", "unknown option '%1'. Did you mean '%2'?",
        "unknown option '%1' or: Missing value for '%2' in '%3'", "missing value for '%1'",
        "the option '%1' does not take any value, but '%2' was specified.", "unexpected argument '%1'",
        "%1 unexpected arguments: '%2'", "missing expected argument '%1'", "missing one of: '%1'",
        "the value '%1' is invalid for '%2'", "the value '%1' is invalid for '%2': %3",
        "the value '%1' is invalid for '%2'. Please provide one of %3.",
        "the value '%1' is invalid for '%2'. Please provide one of the following: %3", "invalid option: %1",
        "OVERVIEW: %1", "ARGUMENTS:", "OPTIONS:", "SUBCOMMANDS:", "See '%1' for detailed help.",
        "%1 (values: %2; default: %3)", "%1 (values: %2)", "%1 (default: %2)", "Show the version.",
        "Show help information.", "connection refused", "connection reset by peer", "no route to host",
        "network is unreachable", "connection timed out", "no such file or directory", "permission denied",
    ]
}
