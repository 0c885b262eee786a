/// The sender of a message.
public struct MessageSender: Sendable, Hashable, Codable {
    /// The kind of sender. The platform never returns `anonymous` and `unknown` at present ("Get message").
    public enum Kind: String, Sendable, Hashable, Codable {
        /// A user; the id is an open_id.
        case user
        /// An app; the id is an app_id.
        case app
        /// Reserved.
        case anonymous
        /// Reserved.
        case unknown
    }

    /// The open_id or app_id; nil takes one that follows from the kind.
    public var id: String?
    /// User or app.
    public var kind: Kind
    /// The sender's own tenant, which may be another company's; nil is that of the message.
    public var tenantKey: String?
    /// The name, which responses show on request, and lark-cli always.
    public var name: String?

    private enum CodingKeys: String, CodingKey {
        case id
        case kind = "type"
        case tenantKey = "tenant_key"
        case name
    }

    /// A sender.
    public init(_ kind: Kind, id: String? = nil, tenantKey: String? = nil, name: String? = nil) {
        self.kind = kind
        self.id = id
        self.tenantKey = tenantKey
        self.name = name
    }
}

/// A user that a message mentions.
public struct MessageMention: Sendable, Hashable, Codable {
    /// The placeholder in the text, such as `@_user_1`.
    public var key: String
    /// The open_id.
    public var id: String
    /// The user's name.
    public var name: String
    /// The user's tenant; nil is that of the message.
    public var tenantKey: String?

    private enum CodingKeys: String, CodingKey {
        case key
        case id
        case name
        case tenantKey = "tenant_key"
    }

    /// A mention.
    public init(key: String, id: String, name: String, tenantKey: String? = nil) {
        self.key = key
        self.id = id
        self.name = name
        self.tenantKey = tenantKey
    }
}

/// How a response names users ("Get message", `user_id_type`).
enum UserIDType: String, Sendable {
    case openID = "open_id"
    case unionID = "union_id"
    case userID = "user_id"

    /// The identifier of the user with an open_id; the other two follow from it.
    func identifier(ofOpenID openID: String) -> String {
        let digits = openID.hasPrefix("ou_") ? openID.dropFirst(3) : openID[...]
        return switch self {
        case .openID: openID
        case .unionID: "on_\(digits)"
        case .userID: String(digits.suffix(8))
        }
    }
}
