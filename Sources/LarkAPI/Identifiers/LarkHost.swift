/// An address of the Open Platform: Lark, Feishu, or another one such as a proxy or the emulator.
///
/// A host is an origin: scheme, name and port, without user, path or query. Plain `http` is accepted only for this
/// machine, unless the caller allows it.
public struct LarkHost: Sendable, Hashable, CustomStringConvertible {
    /// The origin in lower case, without a trailing slash: `https://open.larksuite.com`.
    public let origin: String

    /// Lark, the international platform (document "Download image", open.larksuite.com).
    public static let lark = LarkHost(validatedOrigin: "https://open.larksuite.com")

    /// Feishu, the platform in China. An app exists on one of the two, never on both.
    public static let feishu = LarkHost(validatedOrigin: "https://open.feishu.cn")

    /// The path of a Unix socket; nil for all other hosts.
    let socketPath: String?

    private init(validatedOrigin: String, socketPath: String? = nil) {
        origin = validatedOrigin
        self.socketPath = socketPath
    }

    /// Reads `lark`, `feishu` or an URL.
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
            let parsed = try Origin(text)
            guard parsed.isSecure || parsed.isLoopback || allowInsecureHTTP else {
                throw InvalidValue(
                    word: text,
                    kind: "host",
                    rule: "https, or plain http to this machine only (--insecure-http sends secrets in clear)"
                )
            }
            self.init(validatedOrigin: parsed.text)
        }
    }

    /// A service on this machine, behind a Unix socket.
    ///
    /// - Parameter path: of the socket, absolute.
    package static func socket(_ path: String) -> LarkHost {
        LarkHost(validatedOrigin: "http+unix://" + PercentEncoding.text(path.utf8), socketPath: path)
    }

    /// The brand of the host, as the official CLI names it: `feishu` or `lark`.
    public var brand: String {
        let name = origin.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != ":" }
        let isFeishu = ["feishu.cn", "larkoffice.com"].contains { name == $0 || name.hasSuffix(".\($0)") }
        return isFeishu ? "feishu" : "lark"
    }

    /// `lark`, `feishu`, or the origin.
    public var description: String {
        switch self {
        case .lark: "lark"
        case .feishu: "feishu"
        default: socketPath.map { "unix://\($0)" } ?? origin
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
