import FoundationEssentials
import LarkAPI

/// Where an app_secret is that the store does not hold. It is read whenever a token is requested, and never kept.
///
/// The forms are `env:NAME`, `file:/PATH`, `exec:COMMAND` and `systemd-credential:NAME`. A reference is not a secret: it
/// is shown and logged.
public struct SecretReference: Sendable, Hashable, CustomStringConvertible {
    /// The kinds of places.
    package enum Source: Sendable, Hashable {
        /// A variable in the environment of the process that requests a token.
        case environment(String)
        /// A file; its absolute path.
        case file(String)
        /// A program that prints the secret.
        case command(CommandWords)
        /// A file that systemd passed to the process: LoadCredential= in systemd.exec(5).
        case systemdCredential(String)
    }

    /// The reference as it was given.
    public let text: String

    package let source: Source

    /// The forms of a reference, for remedies.
    package static let forms = "env:NAME, file:/PATH, exec:COMMAND or systemd-credential:NAME"

    private static let longestPath = 4096
    private static let longestName = 255

    /// Checks a reference.
    ///
    /// - Throws: `InvalidValue` for another form. It does not repeat the text, which may be a secret by mistake.
    public init(_ text: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let source = try Self.source(parts[0], parts[1]) else {
            throw Self.invalid(Self.forms)
        }
        self.text = text
        self.source = source
    }

    private static func source(_ scheme: String, _ place: String) throws -> Source? {
        switch scheme {
        case "env":
            guard isVariable(place), place.utf8.count <= longestName else {
                throw invalid("env: and the name of a variable")
            }
            return .environment(place)
        case "file":
            guard place.hasPrefix("/"), place.utf8.count <= longestPath, isPrintable(place) else {
                throw invalid("file: and an absolute path")
            }
            return .file(place)
        case "exec":
            return .command(try CommandWords(place))
        case "systemd-credential":
            let isName = !place.isEmpty && !place.contains("/") && ![".", ".."].contains(place)
            guard isName, place.utf8.count <= longestName, isPrintable(place) else {
                throw invalid("systemd-credential: and the name of a credential")
            }
            return .systemdCredential(place)
        default:
            return nil
        }
    }

    /// As POSIX has it: letters, digits and `_`, a digit not first.
    private static func isVariable(_ name: String) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = name.utf8.first, !digits.contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            // In ASCII, the bit 0x20 is all that upper and lower case differ in.
            byte == UInt8(ascii: "_") || digits.contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    private static func invalid(_ rule: String) -> InvalidValue {
        InvalidValue(word: "…", kind: "reference to a secret", rule: rule)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String { TerminalText.visible(text, limit: 200) }
}
