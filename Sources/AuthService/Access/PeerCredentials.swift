import Glibc
import NIOCore

/// Which process is at the other end of a Unix socket, as the kernel tells (unix(7), SO_PEERCRED).
struct PeerCredentials: Sendable, Hashable {
    let pid: Int32
    let uid: UInt32
    let gid: UInt32

    /// `struct ucred` as the kernel fills it in.
    private struct Raw: Sendable {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
    }

    /// Of a connection.
    ///
    /// - Returns: a failed future where the connection is not one of a Unix socket.
    static func of(_ channel: any Channel) -> EventLoopFuture<PeerCredentials> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let raw: EventLoopFuture<Raw> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return raw.map { PeerCredentials(pid: $0.pid, uid: $0.uid, gid: $0.gid) }
    }

    /// Whether the peer is root, this user, or in this process's group, the one that the socket belongs to.
    ///
    /// The kernel has asked the same of the socket's mode already; this holds also when somebody changes the mode.
    var isAuthorised: Bool { uid == 0 || uid == geteuid() || gid == getegid() || isMember(of: getegid()) }

    private func isMember(of group: gid_t) -> Bool {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var text = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &text, text.count, &found) == 0, found != nil else { return false }
        var count: Int32 = 256
        var groups = [gid_t](repeating: 0, count: Int(count))
        guard getgrouplist(entry.pw_name, gid, &groups, &count) >= 0 else { return false }
        return groups.prefix(Int(count)).contains(group)
    }
}
