import ArgumentParser
import FoundationEssentials
import Testing

@testable import larkimg

/// Compares the Chinese texts with the texts in the sources: none is missing, and none is left over.
@Suite("The Chinese texts and the sources")
struct ChineseSourcesTests {
    /// What libraries with remedies hold besides them: no remedy begins like this.
    private static let otherTexts = [
        "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "HTTP %1", "TLS failed (%1)", "Retried after %1.",
    ]

    /// Texts that are put together, and what the user reads.
    private static let composed = [
        "Check app_id and app_secret%1. The %2 was not added": [
            "Check app_id and app_secret and --host. The tenant was not added",
            "Check app_id and app_secret; if the app was made on lark, add --host lark. The app was not added",
        ],
        "Set it where the store is: larkimg %1 --month-quota N": [
            "Set it where the store is: larkimg app update shop --month-quota N",
            "Set it where the store is: larkimg tenant update acme --month-quota N",
        ],
        "The first row names the columns: %1%2": [
            "The first row names the columns: name, app_id",
            "The first row names the columns: name, app_id. The nearest one is name",
        ],
        "Did you mean %1 %2?": ["Did you mean larkimg fetch? See larkimg --help"],
        "%1See %2 --help": ["See larkimg tenant --help"],
        "%1. To ask the platform again at once: larkimg %2": [
            "Run this again. To ask the platform again at once: larkimg tenant update acme",
            "Run this again. To ask the platform again at once: larkimg app update shop",
        ],
        "%1The tenant was not added; --no-verify adds it without asking the platform": [
            "Run this again. The tenant was not added; --no-verify adds it without asking the platform",
            "The tenant was not added; --no-verify adds it without asking the platform",
        ],
        "Use %1": ["Use a number of calls such as 1000", "Use larkimg tenant add acme --app-id cli_x"],
        "--min-ttl must be between 0 and %1 seconds (30m), not": [
            "--min-ttl must be between 0 and 1800 seconds (30m), not 1801"
        ],
        "the app_secret %1": [
            "the app_secret is empty", "the app_secret is longer than 10 bytes",
            "the app_secret contains a space, a control character or a character outside ASCII",
        ],
        "the %1 from %2 %3": [
            "the app_secret from the terminal is empty",
            "the app_secret from the terminal is longer than 10 bytes",
            "the app_secret from the terminal contains a space, a control character or a character outside ASCII",
            "the client secret from secret.txt is empty",
            "the client secret from secret.txt is longer than 10 bytes",
            "the Encrypt Key from stdin contains a space, a control character or a character outside ASCII",
        ],
        "there is no %1APP_SECRET": ["there is no APP_SECRET", "there is no LARK_APP_SECRET"],
        "%1: %2": ["line 3: there is no name", "app 1: there is no app_id"],
        "it has %1, and the header %2": ["it has 1 cell, and the header 2", "it has 3 cells, and the header 2"],
        "%1: the name %2 is taken by %3 of this file": ["line 3: the name acme is taken by line 1 of this file"],
        "'%1' is not a valid %2: it takes %3": [
            "'a b' is not a valid tenant name: it takes "
                + "1 to 64 letters, digits and . _ - : @ +, a letter or digit first"
        ],
    ]

    private static func isTranslated(_ text: String) -> Bool {
        // A command has no other words in any language.
        if text.hasPrefix("chmod ") { return true }
        return (composed[text] ?? [text])
            .allSatisfy { sample in
                let filled = sample.replacing(/%([1-9])/) { "value\($0.output.1)" }
                return ChineseTexts.table.translation(of: filled) != nil
            }
    }

    @Test("Every remedy in the libraries has a translation")
    func remedies() throws {
        var missing: [String] = []
        var count = 0
        for target in ["LarkAPI", "TokenStore", "ImageFetch", "AuthServiceClient", "AuthService"] {
            for (path, source) in try SourceText.files(of: target) where source.contains("emedy") {
                // The descriptions of actions are for other programs; larkimg has its own words for them.
                let holdsActions = source.contains(": RemedyAction, ")
                let descriptions = holdsActions ? Self.actionDescriptions(in: source) : []
                for literal in SourceText.literals(in: source) {
                    let text = literal.text
                    let isRemedy = literal.before.hasSuffix("remedy:") || literal.before.hasSuffix("Remedy(")
                    guard isRemedy || text.first?.isUppercase == true && text.contains(" "), !text.isEmpty,
                        !descriptions.contains(text), !Self.otherTexts.contains(where: text.hasPrefix)
                    else { continue }
                    count += 1
                    if !Self.isTranslated(text) { missing.append("\(path): \(text)") }
                }
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

    @Test("The other libraries have no remedies", arguments: ["Database", "Messages", "PosixFiles"])
    func noRemedies(_ target: String) throws {
        for (path, source) in try SourceText.files(of: target) { #expect(!source.contains("Remedy"), "\(path)") }
    }

    @Test("Every error of a command, and what to do about it, has a translation")
    func commandErrors() throws {
        var missing: [String] = []
        var count = 0
        for (path, source) in try SourceText.files(of: "larkimg") where !Self.isTestedOtherwise(path) {
            for literal in SourceText.literals(in: source) {
                let before = literal.before
                let isHelp = ["help:", "ArgumentHelp(", "abstract:", "discussion:", "json: ArgumentHelp ="]
                    .contains { before.hasSuffix($0) }
                let isError = ["description:", "error(", "problem = (", "note(", "remedy:", "Remedy("]
                    .contains { before.hasSuffix($0) }
                // What else begins with a capital letter is a heading or a header, and has no verb.
                let isSentence =
                    literal.text.first?.isUppercase == true && literal.text.contains(" ")
                    && literal.text.contains(where: \.isLowercase) && !literal.text.hasPrefix("Authorization: ")
                guard !isHelp, isError || isSentence, literal.text.contains(" ") else { continue }
                count += 1
                if !Self.isTranslated(literal.text) { missing.append("\(path): \(literal.text)") }
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

    @Test("Every text is in the sources, or of the parser")
    func noneIsLeftOver() throws {
        var shown = Self.composed.values.flatMap(\.self)
        shown += try RemedyActionSamples.texts()
        shown += ChineseHelpTests.commands().map(ChineseHelpTests.help)
        for target in ["LarkAPI", "TokenStore", "ImageFetch", "AuthServiceClient", "AuthService", "larkimg"] {
            for (path, source) in try SourceText.files(of: target) where !path.contains("/Localization/") {
                shown += SourceText.literals(in: source).map(\.text)
            }
        }
        let all = shown.map { SourceText.joined($0) }.joined(separator: "\n").replacing(/%[1-9]/, with: "\n")
        for (text, _) in ChineseTexts.sources.flatMap(TextTable.entries) where !ParserTexts.contains(text) {
            for piece in text.split(separator: /%[1-9]/) { #expect(all.contains(piece), "\(text)") }
        }
    }
}

/// What the argument parser itself says.
private enum ParserTexts {
    static func contains(_ text: String) -> Bool {
        texts.contains(text) || text == "OVERVIEW: %1"
    }

    private static let texts: Set = [
        "unknown option '%1'", "unknown option '%1'. Did you mean '%2'?",
        "unknown option '%1' or: Missing value for '%2' in '%3'", "missing value for '%1'",
        "the option '%1' does not take any value, but '%2' was specified.", "unexpected argument '%1'",
        "%1 unexpected arguments: '%2'", "missing expected argument '%1'", "missing one of: '%1'",
        "the value '%1' is invalid for '%2'", "the value '%1' is invalid for '%2': %3",
        "the value '%1' is invalid for '%2'. Please provide one of %3.",
        "the value '%1' is invalid for '%2'. Please provide one of the following: %3", "invalid option: %1",
        "ARGUMENTS:", "OPTIONS:",
        "SUBCOMMANDS:", "See '%1' for detailed help.", "%1 (values: %2; default: %3)", "%1 (values: %2)",
        "%1 (default: %2)", "Show the version.", "Show help information.",
    ]
}
