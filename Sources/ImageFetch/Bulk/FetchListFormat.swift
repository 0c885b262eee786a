import FoundationEssentials
public import LarkAPI

/// How lines of a list name downloads.
///
/// A line is a key; `MESSAGE_ID/KEY`; `tenant<TAB>key` with a third field for the file's name if need be; or a JSON
/// object with `image_key` and, as far as they apply, `tenant`, `message_id`, `type` and `output`, which is what
/// `larkimg fetch --json` and `--errors-to` write. Blank lines and lines that begin with `#` say nothing.
public struct FetchListFormat: Sendable {
    /// For lines that name none.
    public var tenant: TenantName?
    /// The message of lines that are a key alone.
    public var message: MessageID?
    /// Of resources of messages, where the line does not say.
    public var type: ImageReference.ResourceType?

    /// Creates a format with the defaults for lines that do not name these themselves.
    public init(tenant: TenantName?, message: MessageID? = nil, type: ImageReference.ResourceType? = nil) {
        self.tenant = tenant
        self.message = message
        self.type = type
    }

    /// Reads a line, its end taken off.
    ///
    /// - Returns: nil for a line that says nothing.
    /// - Throws: `InvalidValue` and other errors that say what is wrong.
    public func item(_ line: String) throws -> FetchItem? {
        let text = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard let first = text.first, first != "#" else { return nil }
        if first == "{" { return try item(JSONDecoder().decode(Fields.self, from: Data(text.utf8))) }
        // A tab at the beginning leaves the tenant out.
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(Self.trimmed)
        switch fields.count {
        case 1: return try item(Fields(key: fields[0]))
        case 2: return try item(Fields(tenant: fields[0], key: fields[1]))
        case 3: return try item(Fields(tenant: fields[0], key: fields[1], output: fields[2]))
        default:
            throw MalformedLine(
                description: "it has \(fields.count) fields; a line has at most three, separated by tabs")
        }
    }

    /// Reads `KEY` or `MESSAGE_ID/KEY`.
    ///
    /// - Throws: `InvalidValue` for anything else.
    public func reference(_ text: String) throws -> ImageReference { try reference(Fields(key: text)) }

    private func item(_ fields: Fields) throws -> FetchItem {
        let named = try fields.tenant.flatMap { $0.isEmpty ? nil : try TenantName($0) }
        guard let tenant = named ?? tenant else {
            throw MalformedLine(description: "it has no tenant, and --tenant is not given")
        }
        let output = try fields.output.flatMap { $0.isEmpty ? nil : try OutputName($0) }
        return FetchItem(tenant: tenant, reference: try reference(fields), output: output)
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

    private static func trimmed(_ field: Substring) -> String {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\r" }
        var rest = field.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }

    /// What a line may say.
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

/// A line whose parts do not fit.
struct MalformedLine: Error, CustomStringConvertible {
    let description: String
}

extension MalformedLine {
    /// What is wrong with a line, in words for the user.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as DecodingError: reason(error)
        default: "\(error)"
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "it has no \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "its \(context.codingPath.last?.stringValue ?? "content") is not text"
        default: "it is not a JSON object"
        }
    }
}
