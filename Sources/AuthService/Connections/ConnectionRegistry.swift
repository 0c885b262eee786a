import NIOCore
import Synchronization

/// The connections there are, and who is at the other end of those on a Unix socket.
final class ConnectionRegistry: Sendable {
    private let limit: Int
    private let peers = Mutex<[ObjectIdentifier: PeerCredentials?]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { peers.withLock { $0.count } }

    /// Takes a connection up until it closes.
    ///
    /// - Returns: false when there are too many.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isTaken = peers.withLock { peers in
            guard peers.count < limit else { return false }
            peers.updateValue(nil, forKey: id)
            return true
        }
        if isTaken { channel.closeFuture.whenComplete { _ in self.peers.withLock { _ = $0.removeValue(forKey: id) } } }
        return isTaken
    }

    func setPeer(_ peer: PeerCredentials, of channel: any Channel) {
        peers.withLock { peers in
            // One that closed meanwhile is not put back.
            guard peers.keys.contains(ObjectIdentifier(channel)) else { return }
            peers[ObjectIdentifier(channel)] = peer
        }
    }

    func peer(of channel: any Channel) -> PeerCredentials? {
        peers.withLock { $0[ObjectIdentifier(channel)] ?? nil }
    }
}
