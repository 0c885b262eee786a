import FoundationEssentials
import Glibc
import LarkAPI
import NIOCore
import Synchronization

/// The open connections, limited in total and per address, and the peers of those on a Unix socket.
///
/// When connections are scarce, idle ones make room: above half of the limit they are closed after three seconds, and at
/// the limit the oldest idle one is closed for a new one. A connection is idle unless a request on it has arrived and
/// waits for its response.
final class ConnectionRegistry: Sendable {
    private struct Connection {
        let channel: any Channel
        /// Nil on a Unix socket.
        let address: String?
        var peer: PeerCredentials?
        /// Nil while a request is in flight.
        var idleSince: Date?
        var isClosing = false
    }

    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var counts: [String: Int] = [:]
        /// How many are being closed. They still have a descriptor.
        var closing = 0
    }

    /// One address may have this part of all connections, a Unix socket all of them.
    private static let partOfAddress = 8
    /// Seconds until an idle connection is closed when more than half of the connections are open.
    private static let shortIdleTime = 3.0
    /// More are not closed at a time to make room, so that the descriptors in use stay close to the limit.
    private static let mostClosing = 32

    private let limit: Int
    private let timing: Clocks
    private let state = Mutex(State())

    init(limit: Int, timing: Clocks = .system) {
        self.limit = limit
        self.timing = timing
    }

    var count: Int { state.withLock { $0.connections.count - $0.closing } }

    /// Registers a connection until it closes.
    ///
    /// - Returns: false if there are too many, in total or from its address.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let connection = Connection(
            channel: channel, address: channel.remoteAddress?.ipAddress, peer: nil, idleSince: timing.now())
        let (isAdded, evicted) = state.withLock { admit(connection, id, to: &$0) }
        evicted?.close(promise: nil)
        if isAdded { channel.closeFuture.whenComplete { _ in self.remove(id) } }
        return isAdded
    }

    private func admit(
        _ connection: Connection, _ id: ObjectIdentifier, to state: inout State
    ) -> (isAdded: Bool, evicted: (any Channel)?) {
        var evicted: (any Channel)?
        let isAddressFull =
            connection.address.map { state.counts[$0, default: 0] >= max(1, limit / Self.partOfAddress) } ?? false
        if isAddressFull || state.connections.count - state.closing >= limit {
            let oldest = oldestIdle(in: state, from: isAddressFull ? connection.address : nil)
            guard let oldest, state.closing < Self.mostClosing else { return (false, nil) }
            evicted = state.connections[oldest]?.channel
            Self.startClosing(oldest, in: &state)
        }
        state.connections[id] = connection
        if let address = connection.address { state.counts[address, default: 0] += 1 }
        return (true, evicted)
    }

    /// - Parameter address: considers only connections from there; nil considers all.
    private func oldestIdle(in state: State, from address: String?) -> ObjectIdentifier? {
        var oldest: (id: ObjectIdentifier, idleSince: Date)?
        for (id, connection) in state.connections where address == nil || connection.address == address {
            guard !connection.isClosing, let idleSince = connection.idleSince else { continue }
            if oldest.map({ idleSince < $0.idleSince }) ?? true { oldest = (id, idleSince) }
        }
        return oldest?.id
    }

    private static func startClosing(_ id: ObjectIdentifier, in state: inout State) {
        state.connections[id]?.isClosing = true
        state.closing += 1
        if let address = state.connections[id]?.address { release(address, in: &state) }
    }

    private static func release(_ address: String, in state: inout State) {
        let count = state.counts[address, default: 1] - 1
        state.counts[address] = count > 0 ? count : nil
    }

    private func remove(_ id: ObjectIdentifier) {
        state.withLock { state in
            guard let connection = state.connections.removeValue(forKey: id) else { return }
            if connection.isClosing {
                state.closing -= 1
            } else if let address = connection.address {
                Self.release(address, in: &state)
            }
        }
    }

    /// Closes connections that have been idle for three seconds if more than half of all are open.
    func closeIdle() {
        let now = timing.now()
        let idle = state.withLock { state in
            guard state.connections.count - state.closing > limit / 2 else { return [any Channel]() }
            let idle = state.connections.filter { _, connection in
                !connection.isClosing
                    && connection.idleSince.map { now.timeIntervalSince($0) >= Self.shortIdleTime } ?? false
            }
            for id in idle.keys { Self.startClosing(id, in: &state) }
            return idle.values.map(\.channel)
        }
        for channel in idle { channel.close(promise: nil) }
    }

    /// Records whether a request on a connection is in flight.
    func setIdle(_ isIdle: Bool, _ channel: any Channel) {
        let now = isIdle ? timing.now() : nil
        state.withLock { $0.connections[ObjectIdentifier(channel)]?.idleSince = now }
    }

    func setPeer(_ peer: PeerCredentials, of channel: any Channel) {
        // A connection that has been closed meanwhile is not added again.
        state.withLock { $0.connections[ObjectIdentifier(channel)]?.peer = peer }
    }

    func peer(of channel: any Channel) -> PeerCredentials? {
        state.withLock { $0.connections[ObjectIdentifier(channel)]?.peer }
    }
}

/// How many file descriptors the process may have open (getrlimit(2)).
enum DescriptorLimit {
    /// Descriptors that connections of clients leave to the rest: the store and its journal, lock files, the audit log,
    /// the event loops, connections to the platform, and connections that are being closed.
    private static let reserve = 64

    /// Raises the limit as far as the process may.
    ///
    /// - Returns: the limit.
    static func raise() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        // The kernel may refuse more than fs.nr_open.
        if setrlimit(resource, &limit) != 0 { limit.rlim_cur = before }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many connections are possible.
    static func connections(asked: Int, limit: Int) -> Int { max(1, min(asked, limit - reserve)) }
}
