/// A name or key that goes into paths, headers and file names unchanged: 1 to 128 characters of `[A-Za-z0-9_-]`.
///
/// The kind keeps an app's id from being passed where a message's id belongs.
public struct Identifier<Kind: IdentifierKind>: Sendable, Hashable, CustomStringConvertible {
    /// The text as it was given.
    public let text: String

    /// Checks a text.
    ///
    /// - Throws: ``InvalidValue`` unless it is 1 to 128 characters of `[A-Za-z0-9_-]`.
    public init(_ text: String) throws {
        guard text.utf8.allSatisfy(Self.isAllowed), (1...128).contains(text.utf8.count) else {
            throw InvalidValue(word: text, kind: Kind.name, rule: "1 to 128 characters of A-Z a-z 0-9 _ -")
        }
        self.text = text
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String { text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}

/// What an ``Identifier`` identifies.
public protocol IdentifierKind: Sendable {
    /// As an error names it: "app_id".
    static var name: String { get }
}

/// The `app_id` of a custom or store app, such as `cli_a1b2c3d4e5f60718`.
public typealias AppID = Identifier<AppIDKind>

/// The name an operator gave to a store app: what `--app` takes, and the last part of the app's event address.
public typealias AppName = Identifier<AppNameKind>

/// The name an operator gave to a client of the auth service: a host, a team, a program.
public typealias ClientName = Identifier<ClientNameKind>

/// The `message_id` of a message that carries a resource, such as `om_dc13264520392913993dd051dba21dcf`.
public typealias MessageID = Identifier<MessageIDKind>

/// The `image_key` or `file_key` of something the platform stores, such as `img_v2_b99741-7628-4abd-aad0-b881e4db83ig`.
///
/// Keys seen are 40 to 51 characters long; their inner form is the platform's own business.
public typealias ResourceKey = Identifier<ResourceKeyKind>

/// The `tenant_key` of a tenant that installed a store app, such as `73658811060f175d`.
///
/// Every event of the tenant carries it, `app_open` first (document "Store apps obtain tenant_access_token").
public typealias TenantKey = Identifier<TenantKeyKind>

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public enum AppIDKind: IdentifierKind {
    public static var name: String { "app_id" }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public enum AppNameKind: IdentifierKind {
    public static var name: String { "app name" }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public enum ClientNameKind: IdentifierKind {
    public static var name: String { "client name" }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public enum MessageIDKind: IdentifierKind {
    public static var name: String { "message_id" }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public enum ResourceKeyKind: IdentifierKind {
    public static var name: String { "image_key" }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public enum TenantKeyKind: IdentifierKind {
    public static var name: String { "tenant_key" }
}

/// A name, key or address from outside that is not in its required form.
public struct InvalidValue: ReportableError, Hashable {
    /// The value as it was given.
    public let word: String

    /// What the value was meant to be: "image_key", "tenant name".
    public let kind: String

    /// The required form.
    public let rule: String

    private let action: PlatformAction?

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var reportType: String { "usage" }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var remedy: Remedy? { action.map { Remedy("", $0) } }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var isRetryable: Bool { false }

    package init(word: String, kind: String, rule: String, action: PlatformAction? = nil) {
        self.word = word
        self.kind = kind
        self.rule = rule
        self.action = action
    }

    /// One line for the user. Control characters are escaped, a long value is cut.
    public var description: String {
        "'\(TerminalText.visible(word, limit: 60))' is not a valid \(kind): it takes \(rule)"
    }
}
