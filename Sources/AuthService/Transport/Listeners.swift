import LarkAPI
import NIOCore
import NIOPosix
import PosixFiles
import Synchronization
import SystemPackage

/// The listening sockets of a service.
final class Listeners: Sendable {
    /// How often each event loop runs after the queues are empty: more often than it takes from accepting a connection to
    /// reading the request that the kernel has received on it.
    private static let rounds = 10
    /// How often the queues are looked at, a millisecond apart: longer than a loaded machine needs to empty them.
    private static let mostLooks = 1000

    private let count: Int
    private let sockets: [UnixSocketFile]
    private let channels = Mutex<[any Channel]>([])

    init(count: Int, sockets: [UnixSocketFile]) {
        self.count = count
        self.sockets = sockets
    }

    /// The TCP port; nil if there is none.
    var port: Int? { channels.withLock { $0.lazy.compactMap(\.localAddress?.port).first } }

    /// Adds a socket that accepts connections.
    ///
    /// - Returns: whether all do now.
    func add(_ channel: any Channel) -> Bool {
        let isComplete = channels.withLock { channels in
            channels.append(channel)
            return channels.count == count
        }
        guard isComplete else { return false }
        for socket in sockets { socket.open() }
        return true
    }

    /// Accepts the connections that the kernel has queued, so that closing the sockets does not reset them, and gives
    /// them the time to be read from. No process can find the Unix sockets any more.
    func acceptQueuedConnections(_ timing: Clocks) async {
        for socket in sockets { socket.remove() }
        for _ in 0..<Self.mostLooks where await hasQueuedConnections() {
            guard (try? await timing.sleep(.milliseconds(1))) != nil else { return }
        }
        for _ in 1...Self.rounds {
            for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() { try? await loop.submit {}.get() }
        }
    }

    private func hasQueuedConnections() async -> Bool {
        for channel in channels.withLock({ $0 }) {
            let isReadable = channel.eventLoop.submit {
                try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
                    try FileDescriptor(rawValue: descriptor).isReady(for: .reading)
                } ?? false
            }
            if (try? await isReadable.get()) == true { return true }
        }
        return false
    }
}
