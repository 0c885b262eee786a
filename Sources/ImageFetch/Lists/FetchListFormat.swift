public import LarkAPI
package import Messages

/// How lines of a list name downloads.
///
/// A line is a key; `MESSAGE_ID/KEY`; `tenant<TAB>key`, with a file name as an optional third field; or a JSON object
/// with `image_key` and, as far as they apply, `tenant`, `message_id`, `type` and `output`, and for names `chat_id`,
/// `sender_id`, `create_time` (milliseconds since 1970) and `file_name`, which is the form of a ``FetchReport``. Without
/// `image_key`, `message_id` stands for all that the message holds. Blank lines and lines that begin with `#` are ignored.
///
/// A line may also be a message in a form that the platform, its SDKs or its command-line tool write, and a list may be
/// one such document that covers many lines.
public struct FetchListFormat: Sendable {
    /// The tenant of lines that name none.
    public var tenant: TenantName?
    /// The message of lines that are a key alone.
    public var message: MessageID?
    /// The type of message resources whose line names none.
    public var type: ImageReference.ResourceType?
    /// What is taken from messages.
    public var wanted: Set<ImageReference.ResourceType> = [.image]
    /// Whether to request messages whose images the input does not show, such as bundles of forwarded messages.
    public var requestsMessages = false
    /// Reads messages.
    package var messages = MessageReader()
    /// The tenant that a message was received in; nil if it is not known.
    package var tenantOfMessage: @Sendable (MessageFacts) -> TenantName? = { _ in nil }

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
        guard let tenant = entry.tenant else { throw MalformedLine.noTenant }
        guard case .resource(let reference) = entry.target else { throw MalformedLine.noKey }
        return FetchItem(
            tenant: tenant, reference: reference, output: entry.output, message: entry.message, fileName: entry.fileName
        )
    }

    /// Reads a line without its end, which may name no tenant.
    ///
    /// - Returns: nil for a blank line or a comment.
    /// - Throws: as ``item(_:)``.
    package func entry(_ line: String) throws -> ListEntry? {
        let text = line.utf8.drop { Self.isBlank($0) || $0 == Self.tab }
        switch text.first {
        case nil, UInt8(ascii: "#"): return nil
        case UInt8(ascii: "{"):
            do {
                return try entry(JSONDocument(Array(text)).root)
            } catch is JSONSyntaxError where text.last(where: { !Self.isBlank($0) }) == UInt8(ascii: ",") {
                throw MalformedLine.array
            }
        case UInt8(ascii: "["): throw MalformedLine.array
        default: return try entry(inFields: line)
        }
    }

    /// Reads a line that is a JSON object.
    ///
    /// - Throws: as ``item(_:)``.
    package func entry(_ line: JSONValue) throws -> ListEntry { try entry(Fields(line)) }

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
        return ListEntry(
            tenant: named ?? tenant, target: try target(fields), output: output, message: fields.message,
            fileName: fields.fileName)
    }

    private func target(_ fields: Fields) throws -> ListEntry.Target {
        guard fields.key == nil, let message = fields.messageID else { return .resource(try reference(fields)) }
        guard fields.output == nil else {
            throw MalformedLine(description: "its output names one file, but a message may hold many")
        }
        return .message(try MessageID(message))
    }

    private func reference(_ fields: Fields) throws -> ImageReference {
        let type = try fields.type.map { text in
            guard let type = ImageReference.ResourceType(rawValue: text) else {
                throw InvalidValue(word: text, kind: "type", rule: "image or file")
            }
            return type
        }
        guard let key = fields.key else { throw MalformedLine.noKey }
        let message = try fields.messageID.map { try MessageID($0) }
        guard !key.contains("/") else { return try ImageReference(key, type: type ?? self.type) }
        guard let message = message ?? self.message else { return .image(try ResourceKey(key)) }
        return .messageResource(message, key: try ResourceKey(key), type: type ?? self.type)
    }

    private static let tab = UInt8(ascii: "\t")

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r") }

    private static func trimmed(_ field: Substring.UTF8View) -> String {
        var rest = field.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    /// The parts of a line.
    private struct Fields {
        var tenant: String?
        var key: String?
        var messageID: String?
        var type: String?
        var output: String?
        var message: MessageFacts?
        var fileName: String?

        init(tenant: String? = nil, key: String, output: String? = nil) {
            self.tenant = tenant
            self.key = key
            self.output = output
        }

        init(_ line: JSONValue) throws {
            func text(_ name: StaticString) throws -> String? {
                guard let value = line[name], !value.isNull else { return nil }
                guard value.isString else { throw MalformedLine(description: "its \(name) is not text") }
                return value.text
            }
            tenant = try text("tenant")
            key = try text("image_key")
            messageID = try text("message_id")
            type = try text("type")
            output = try text("output")
            fileName = try text("file_name")
            var message = MessageFacts()
            message.chat = try text("chat_id")
            message.sender = try text("sender_id")
            message.createdAt = line["create_time"].flatMap { Int64($0.text) }
            guard message != MessageFacts() else { return }
            message.id = messageID.flatMap { try? MessageID($0) }
            self.message = message
        }
    }
}
