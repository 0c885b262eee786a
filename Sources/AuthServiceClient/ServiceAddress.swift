import FoundationEssentials
import Glibc
import LarkAPI

/// The address of an auth service: `unix:///run/larkimg/larkimg.sock`, or `https://tokens.example.com:8443`.
public struct ServiceAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as it was given.
    public let description: String

    let server: ServerAddress

    /// Whether it is a Unix socket, whose file permissions decide who may connect, so that no secret is needed.
    package var isSocket: Bool { server.socketPath != nil }

    private static let socketScheme = "unix://"

    /// Reads an address.
    ///
    /// - Throws: `InvalidValue` for anything else, and for plain `http` to another machine.
    public init(_ text: String) throws {
        let kind = "address of an auth service"
        let rule = "unix:///PATH, https://HOST:PORT, or http:// to this machine alone"
        let refusal = InvalidValue(word: text, kind: kind, rule: rule)
        description = text
        if text.hasPrefix(Self.socketScheme) {
            let path = String(text.dropFirst(Self.socketScheme.count))
            guard path.hasPrefix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else { throw refusal }
            server = ServerAddress(socketPath: path)
        } else {
            server = try ServerAddress(text, kind: kind, rule: rule)
            guard server.isSecure || server.isLocal else { throw refusal }
        }
    }
}

/// Who may use the service behind a Unix socket: root, the socket's owner and the members of its group.
struct SocketAccess {
    /// The name of the socket's group, if its members may use it.
    let group: String?
    /// Whether only the owner may use it.
    let isOwnerOnly: Bool
    /// Whether this process may; true if the socket cannot be examined.
    let isGranted: Bool

    init(_ path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let owner = attributes[.ownerAccountID] as? any BinaryInteger,
            let groupID = attributes[.groupOwnerAccountID] as? any BinaryInteger
        else {
            group = nil
            isOwnerOnly = false
            isGranted = true
            return
        }
        let mode = (attributes[.posixPermissions] as? any BinaryInteger).map { Int($0) } ?? 0o660
        isOwnerOnly = mode & 0o020 == 0
        group = isOwnerOnly ? nil : attributes[.groupOwnerAccountName] as? String
        var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        groups.removeLast(groups.count - Int(max(0, getgroups(Int32(groups.count), &groups))))
        isGranted =
            geteuid() == 0 || Int(owner) == Int(geteuid())
            || !isOwnerOnly && ([getegid()] + groups).contains { Int($0) == Int(groupID) }
    }
}
