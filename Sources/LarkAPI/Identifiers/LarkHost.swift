/// A host of the Open Platform: Lark, Feishu, or another one such as a reverse proxy or the emulator.
///
/// A host is an origin: scheme, name and port, without user, path or query. Plain `http` is accepted only for this
/// machine, unless the caller allows it.
public struct LarkHost: Sendable, Hashable, CustomStringConvertible {
    /// Lark, the international platform (document "Download image", open.larksuite.com).
    public static let lark = LarkHost(address: ServerAddress(secureHost: "open.larksuite.com"))

    /// Feishu, the platform in China. An app exists on one of the two, never on both.
    public static let feishu = LarkHost(address: ServerAddress(secureHost: "open.feishu.cn"))

    /// Where requests go.
    package let address: ServerAddress

    private init(address: ServerAddress) {
        self.address = address
    }

    /// Reads `lark`, `feishu` or a URL.
    ///
    /// - Parameters:
    ///   - text: the name or URL.
    ///   - allowInsecureHTTP: whether to accept plain `http` to other machines, which sends secrets in clear.
    /// - Throws: ``InvalidValue`` for anything else, and for plain `http` to another machine.
    public init(_ text: String, allowInsecureHTTP: Bool = false) throws {
        switch text {
        case "lark": self = .lark
        case "feishu": self = .feishu
        default:
            address = try ServerAddress(
                text, kind: "host", rule: "'lark', 'feishu' or a URL such as https://open.example.com")
            guard address.isSecure || address.isLocal || allowInsecureHTTP else {
                throw InvalidValue(
                    word: text, kind: "host", rule: "https, or plain http to this machine only",
                    action: .allowInsecureHTTP)
            }
        }
    }

    /// The origin in lower case, without a trailing slash: `https://open.larksuite.com`.
    public var origin: String { address.origin }

    /// The brand of the host, as the official CLI names it: `feishu` or `lark`.
    public var brand: String {
        let name = address.hostName ?? ""
        let isFeishu = ["feishu.cn", "larkoffice.com"].contains { name == $0 || name.hasSuffix(".\($0)") }
        return isFeishu ? "feishu" : "lark"
    }

    /// `lark`, `feishu`, or the origin.
    public var description: String {
        switch self {
        case .lark: "lark"
        case .feishu: "feishu"
        default: origin
        }
    }

    /// The other public platform, where an app unknown to this one may exist; nil for other hosts.
    public var counterpart: LarkHost? {
        switch self {
        case .lark: .feishu
        case .feishu: .lark
        default: nil
        }
    }
}
