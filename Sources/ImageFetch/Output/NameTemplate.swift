import FoundationEssentials
import LarkAPI
import Messages

/// A pattern for the names of downloaded files, such as `{tenant}/{key}.{ext}`.
///
/// A slash makes directories. Fields: `{tenant}`, `{key}`, `{message_id}`, `{type}` (`image` or `file`), and, in the last
/// part only, `{ext}`, the extension by content. Of a message in the input: `{chat}`, `{sender}`, `{date}` and `{time}`
/// (`2025-10-09` and `085320`, UTC), and `{file_name}`, as its sender named it; what may not be in a file name is
/// replaced. A field that is not known is `none`.
public struct NameTemplate: Sendable, Hashable {
    private enum Piece: Sendable, Hashable {
        case text(String)
        case tenant
        case key
        case messageID
        case type
        case chat
        case sender
        case date
        case time
        case fileName
        case fileExtension

        static let fields: [String: Piece] = [
            "tenant": .tenant, "key": .key, "message_id": .messageID, "type": .type, "chat": .chat, "sender": .sender,
            "date": .date, "time": .time, "file_name": .fileName, "ext": .fileExtension,
        ]

        /// Those that are the same for a key in whatever message.
        static let ofContent: Set<Piece> = [.tenant, .key, .type, .fileExtension]
    }

    private let parts: [[Piece]]

    /// `{key}.{ext}`.
    public static let byKey = NameTemplate(parts: [[.key, .text("."), .fileExtension]])

    private init(parts: [[Piece]]) {
        self.parts = parts
    }

    /// Reads a pattern.
    ///
    /// - Throws: `InvalidValue` for an unknown field, a part that is not a file name, `{ext}` in the name of a directory, or a pattern
    ///   without `{key}`, which would give many images one name.
    public init(_ text: String) throws {
        func refusal(_ rule: String) -> InvalidValue { InvalidValue(word: text, kind: "name template", rule: rule) }
        parts = try text.split(separator: "/", omittingEmptySubsequences: false)
            .map { part in
                guard let pieces = Self.pieces(part) else {
                    throw refusal(
                        "the fields {tenant}, {key}, {message_id}, {type}, {chat}, {sender}, {date}, {time}, "
                            + "{file_name} and {ext}, and no other braces")
                }
                // With the shortest words for its fields it has to be a name.
                guard OutputName.isName(pieces.map { Self.shortest($0) }.joined()) else {
                    throw refusal("names between slashes, none empty, '.' or '..'")
                }
                return pieces
            }
        guard parts.contains(where: { $0.contains(.key) }) else {
            throw refusal("{key} in one part at least: without it many images would have one name")
        }
        guard !parts.dropLast().contains(where: { $0.contains(.fileExtension) }) else {
            throw refusal("{ext} in the last part only")
        }
    }

    /// Whether the same image gets different names in different messages.
    var dependsOnMessage: Bool {
        parts.joined()
            .contains { piece in
                if case .text = piece { false } else { !Piece.ofContent.contains(piece) }
            }
    }

    /// The name of one download. No field adds a slash.
    ///
    /// - Throws: `InvalidValue` when a part gets longer than a name may be.
    public func name(for item: FetchItem) throws -> OutputName {
        let reference = item.reference
        let created = item.message?.created
        let names: [[OutputName.Part]] = parts.map { pieces in
            pieces.map { piece in
                switch piece {
                case .text(let text): .text(text)
                case .tenant: .text(item.tenant.text)
                case .key: .text(reference.key.text)
                case .messageID: .text(reference.message?.text ?? FileNameText.none)
                case .type: .text(reference.type.rawValue)
                case .chat: .text(FileNameText.cleaned(item.message?.chat))
                case .sender: .text(FileNameText.cleaned(item.message?.sender))
                case .date: .text(created?.formatted(Self.dateFormat) ?? FileNameText.none)
                case .time: .text(created?.formatted(Self.timeFormat) ?? FileNameText.none)
                case .fileName: .text(FileNameText.cleaned(item.fileName))
                case .fileExtension: .fileExtension
                }
            }
        }
        let directories = names.dropLast().map { OutputName(directories: [], file: $0).fileName(withExtension: "") }
        let name = OutputName(directories: directories, file: names.last ?? [])
        let longest = name.fileName(withExtension: "jpeg")
        for word in directories + [longest] where !OutputName.isName(word) {
            throw InvalidValue(word: word, kind: "file name", rule: "at most 255 bytes: shorten the name template")
        }
        return name
    }

    private static let dateFormat = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
    private static let timeFormat = Date.ISO8601FormatStyle(timeSeparator: .omitted, timeZone: .gmt)
        .time(includingFractionalSeconds: false)

    private static func pieces(_ part: Substring) -> [Piece]? {
        var pieces: [Piece] = []
        var rest = part
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            if brace > rest.startIndex { pieces.append(.text(String(rest[..<brace]))) }
            guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}"),
                let field = Piece.fields[String(rest[rest.index(after: brace)..<end])]
            else { return nil }
            pieces.append(field)
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return pieces
    }

    /// The text of a piece, with the shortest word for a field.
    private static func shortest(_ piece: Piece) -> String {
        if case .text(let text) = piece { return text }
        return "x"
    }
}

extension MessageFacts {
    /// When the message was sent; nil if it does not say, or says something impossible. Some clients write seconds.
    var created: Date? {
        guard let createdAt, createdAt > 0 else { return nil }
        let seconds = createdAt < 100_000_000_000 ? Double(createdAt) : Double(createdAt) / 1000
        // The year 9999 is the last that has four digits.
        return seconds < 253_402_300_800 ? Date(timeIntervalSince1970: seconds) : nil
    }
}

extension ImageReference {
    /// Whether an image or a file is meant; what the app uploaded itself is an image.
    var type: ResourceType {
        switch self {
        case .image: .image
        case .messageResource(_, _, let type): type
        }
    }
}
