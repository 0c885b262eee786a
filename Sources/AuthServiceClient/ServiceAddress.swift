import LarkAPI

/// The address of an auth service: `unix:///run/larkimg/larkimg.sock`, or `https://tokens.example.com:8443`.
public struct ServiceAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as it was given.
    public let description: String

    let host: LarkHost

    /// Whether it is a Unix socket, whose file permissions decide who may connect, so that no secret is needed.
    package let isSocket: Bool

    /// Reads an address.
    ///
    /// - Throws: ``InvalidValue`` for anything else, and for plain `http` to another machine.
    public init(_ text: String) throws {
        let refusal = InvalidValue(
            word: text, kind: "address of an auth service",
            rule: "unix:///PATH, https://HOST:PORT, or http:// to this machine alone")
        description = text
        let prefix = "unix://"
        isSocket = text.hasPrefix(prefix)
        if isSocket {
            let path = String(text.dropFirst(prefix.count))
            guard path.hasPrefix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else { throw refusal }
            host = .socket(path)
        } else {
            guard text != "lark", text != "feishu", let host = try? LarkHost(text) else { throw refusal }
            self.host = host
        }
    }
}
