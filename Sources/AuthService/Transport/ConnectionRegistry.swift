import NIOCore
import Synchronization

/// The open connections, up to a limit, and the peers of those on a Unix socket.
final class ConnectionRegistry: Sendable {
    private let limit: Int
    private let peers = Mutex<[ObjectIdentifier: PeerCredentials?]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { peers.withLock { $0.count } }

    /// Registers a connection until it closes.
    ///
    /// - Returns: false if there are too many.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdded = peers.withLock { peers in
            guard peers.count < limit else { return false }
            peers.updateValue(nil, forKey: id)
            return true
        }
        if isAdded { channel.closeFuture.whenComplete { _ in self.peers.withLock { _ = $0.removeValue(forKey: id) } } }
        return isAdded
    }

    func setPeer(_ peer: PeerCredentials, of channel: any Channel) {
        peers.withLock { peers in
            // A connection that has been closed meanwhile is not added again.
            guard peers.keys.contains(ObjectIdentifier(channel)) else { return }
            peers[ObjectIdentifier(channel)] = peer
        }
    }

    func peer(of channel: any Channel) -> PeerCredentials? {
        peers.withLock { $0[ObjectIdentifier(channel)] ?? nil }
    }
}
