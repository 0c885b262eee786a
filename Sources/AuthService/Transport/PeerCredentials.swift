import Glibc
import NIOCore
import SystemPackage

/// The process at the other end of a Unix socket, as the kernel recorded it on connect (unix(7)).
///
/// The user database is not consulted: a directory server may be slow, and it does not know the supplementary groups that
/// systemd or a container runtime gave a process.
struct PeerCredentials: Sendable, Hashable {
    let pid: Int32
    let uid: UInt32
    let gid: UInt32
    /// The supplementary groups.
    let groups: Set<UInt32>

    init(pid: Int32, uid: UInt32, gid: UInt32, groups: Set<UInt32> = []) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// The peer of an accepted connection. Must be called on its event loop.
    ///
    /// - Throws: `Errno`; `ChannelError` when the channel is not a socket.
    init(of channel: any Channel) throws {
        let peer = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) {
            try PeerCredentials(socket: $0)
        }
        guard let peer else { throw ChannelError.operationUnsupported }
        self = peer
    }

    /// - Throws: `Errno`.
    init(socket: CInt) throws {
        // pid, uid and gid, which are 32 bits each: `struct ucred` is not imported.
        var credentials: (pid: Int32, uid: UInt32, gid: UInt32) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else {
            throw Errno(rawValue: errno)
        }
        self.init(
            pid: credentials.pid, uid: credentials.uid, gid: credentials.gid, groups: try Self.groups(socket: socket))
    }

    private static func groups(socket: CInt) throws -> Set<UInt32> {
        var groups = [UInt32](repeating: 0, count: 32)
        while true {
            var length = socklen_t(groups.count * MemoryLayout<UInt32>.stride)
            let status = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &groups, &length)
            let error = Errno(rawValue: errno)
            let count = Int(length) / MemoryLayout<UInt32>.stride
            if status == 0 { return Set(groups.prefix(count)) }
            // Sandboxes that do not implement it know the primary group only.
            if error.rawValue == ENOPROTOOPT { return [] }
            guard error == .outOfRange, count > groups.count else { throw error }
            groups = [UInt32](repeating: 0, count: count)
        }
    }

    /// Whether the peer is root, the service's user, or a member of the group that owns the socket.
    ///
    /// The kernel has checked this against the socket's mode; this check still holds if the mode is changed.
    func isAuthorised(user: UInt32 = geteuid(), group: UInt32?) -> Bool {
        uid == 0 || uid == user || group.map { gid == $0 || groups.contains($0) } ?? false
    }
}
