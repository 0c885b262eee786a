import FoundationEssentials
public import LarkAPI

/// How lines of a list name downloads.
///
/// A line is a key; `MESSAGE_ID/KEY`; `tenant<TAB>key`, with a file name as an optional third field; or a JSON object
/// with `image_key` and, as far as they apply, `tenant`, `message_id`, `type` and `output`, which is the form of a
/// ``FetchReport``. Blank lines and lines that begin with `#` are ignored.
public struct FetchListFormat: Sendable {
    /// The tenant of lines that name none.
    public var tenant: TenantName?
    /// The message of lines that are a key alone.
    public var message: MessageID?
    /// The type of message resources whose line names none.
    public var type: ImageReference.ResourceType?

    /// Creates a format with what lines need not name themselves.
    public init(tenant: TenantName?, message: MessageID? = nil, type: ImageReference.ResourceType? = nil) {
        self.tenant = tenant
        self.message = message
        self.type = type
    }

    /// Reads a line without its end.
    ///
    /// - Returns: nil for a blank line or a comment.
    /// - Throws: `InvalidValue` and other errors that say what is wrong.
    public func item(_ line: String) throws -> FetchItem? {
        guard let entry = try entry(line) else { return nil }
        guard let tenant = entry.tenant else {
            throw MalformedLine(description: "it names no tenant, and there is no default tenant")
        }
        return FetchItem(tenant: tenant, reference: entry.reference, output: entry.output)
    }

    /// Reads a line without its end, which may name no tenant.
    ///
    /// - Returns: nil for a blank line or a comment.
    /// - Throws: as ``item(_:)``.
    package func entry(_ line: String) throws -> ListEntry? {
        let text = line.utf8.drop { Self.isBlank($0) || $0 == Self.tab }
        switch text.first {
        case nil, UInt8(ascii: "#"): return nil
        case UInt8(ascii: "{"): return try entry(inJSON: Substring(text))
        case UInt8(ascii: "["): throw MalformedLine.array
        default: return try entry(inFields: line)
        }
    }

    private func entry(inJSON text: Substring) throws -> ListEntry {
        do {
            return try entry(JSONDecoder().decode(Fields.self, from: Data(text.utf8)))
        } catch DecodingError.dataCorrupted where text.utf8.last(where: { !Self.isBlank($0) }) == UInt8(ascii: ",") {
            throw MalformedLine.array
        }
    }

    private func entry(inFields line: String) throws -> ListEntry {
        // A tab at the beginning leaves the tenant out.
        let fields = line.utf8.split(separator: Self.tab, omittingEmptySubsequences: false).map(Self.trimmed)
        switch fields.count {
        case 1:
            do {
                return try entry(Fields(key: fields[0]))
            } catch {
                throw MalformedLine.separator(in: fields[0]) ?? error
            }
        case 2: return try entry(Fields(tenant: fields[0], key: fields[1]))
        case 3: return try entry(Fields(tenant: fields[0], key: fields[1], output: fields[2]))
        default:
            throw MalformedLine(
                description: "it has \(fields.count) fields; a line has at most three, separated by tabs")
        }
    }

    /// Reads `KEY` or `MESSAGE_ID/KEY`.
    ///
    /// - Throws: `InvalidValue` for anything else.
    public func reference(_ text: String) throws -> ImageReference { try reference(Fields(key: text)) }

    private func entry(_ fields: Fields) throws -> ListEntry {
        let named = try fields.tenant.flatMap { $0.isEmpty ? nil : try TenantName($0) }
        let output = try fields.output.flatMap { $0.isEmpty ? nil : try OutputName($0) }
        return ListEntry(tenant: named ?? tenant, reference: try reference(fields), output: output)
    }

    private func reference(_ fields: Fields) throws -> ImageReference {
        let type = try fields.type.map { text in
            guard let type = ImageReference.ResourceType(rawValue: text) else {
                throw InvalidValue(word: text, kind: "type", rule: "image or file")
            }
            return type
        }
        let message = try fields.messageID.map { try MessageID($0) }
        guard !fields.key.contains("/") else { return try ImageReference(fields.key, type: type ?? self.type) }
        guard let message = message ?? self.message else { return .image(try ResourceKey(fields.key)) }
        return .messageResource(message, key: try ResourceKey(fields.key), type: type ?? self.type)
    }

    private static let tab = UInt8(ascii: "\t")

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r") }

    private static func trimmed(_ field: Substring.UTF8View) -> String {
        var rest = field.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    /// What is wrong with a line.
    static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "it has no \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "its \(context.codingPath.last?.stringValue ?? "content") is not text"
        case is DecodingError: "it is not a JSON object"
        default: "\(error)"
        }
    }

    /// The members of a line.
    private struct Fields: Decodable {
        var tenant: String?
        var key: String
        var messageID: String?
        var type: String?
        var output: String?

        private enum CodingKeys: String, CodingKey {
            case tenant
            case key = "image_key"
            case messageID = "message_id"
            case type
            case output
        }

        init(tenant: String? = nil, key: String, output: String? = nil) {
            self.tenant = tenant
            self.key = key
            self.output = output
        }
    }
}

/// What a line names.
package struct ListEntry: Sendable {
    /// The tenant of the line, or the default one; nil if there is neither.
    package let tenant: TenantName?
    package let reference: ImageReference
    package let output: OutputName?
}

/// A line whose parts do not belong together.
private struct MalformedLine: Error, CustomStringConvertible {
    let description: String

    static let array = MalformedLine(
        description: "it is part of a JSON array; a list has one JSON object on each line, without commas between them")

    /// The error for a field that another mark than a tab divides; nil if there is none.
    static func separator(in field: String) -> MalformedLine? {
        let names: [(mark: UInt8, name: String)] = [
            (UInt8(ascii: ","), "commas"), (UInt8(ascii: ";"), "semicolons"), (UInt8(ascii: " "), "spaces"),
        ]
        return names.first { field.utf8.contains($0.mark) }
            .map { MalformedLine(description: "the fields of a line are separated by tabs, not by \($0.name)") }
    }
}
