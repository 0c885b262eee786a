#if PostgreSQL
import Synchronization

/// Two PostgreSQL servers of the tests' own: the second copies every commit of the first before the first acknowledges it.
public final class PostgreSQLPair: Sendable {
    /// The servers stop when the test process ends, so each pair has ports of its own.
    private static let count = Mutex<UInt16>(0)

    /// Of the first and the second.
    private let ports: [UInt16]
    private let script: ServerScript
    private let network: Network?

    /// A network in which the servers listen beside their sockets, without TLS.
    public struct Network: Sendable {
        /// The address of this machine.
        public let address: String
        /// The addresses that may connect, such as `10.1.2.0/24`.
        public let clients: String

        /// Describes a network.
        public init(address: String, clients: String) {
            self.address = address
            self.clients = clients
        }
    }

    /// Starts both.
    ///
    /// - Throws: `Errno`; ``ServerFailure`` with what the programs wrote.
    public init(in network: Network? = nil) async throws {
        self.network = network
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        let (first, second) = (5500 + 2 * number, 5501 + 2 * number)
        ports = [first, second]
        script = try await ServerScript(
            stop: "for data in first second; do $run pg_ctl -D $data -m immediate stop; done"
        ) { directory in
            """
            $run initdb -D first -U larkimg -A trust -E UTF8 --locale=C.UTF-8 --no-sync
            cat >>first/postgresql.conf <<END
            fsync = off
            shared_buffers = 32MB
            max_connections = 100
            listen_addresses = '\(network?.address ?? "")'
            unix_socket_directories = '\(directory)'
            port = \(first)
            END
            echo 'local replication all trust' >>first/pg_hba.conf
            echo '\(network.map { "host all all \($0.clients) trust" } ?? "")' >>first/pg_hba.conf
            $run pg_ctl -D first -l first/log -w -t 100 start
            $run pg_basebackup -h \(directory) -p \(first) -U larkimg -D second -R -X stream -c fast --no-sync
            echo 'port = \(second)' >>second/postgresql.conf
            $run pg_ctl -D second -l second/log -w -t 100 start
            $run psql -h \(directory) -p \(first) -U larkimg -d postgres -q \
            -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c 'SELECT pg_reload_conf()' \
            -c 'CREATE DATABASE fleet' >/dev/null
            """
        }
    }

    /// The store on them: of the two servers, the one that accepts writes.
    public var url: String {
        guard let network else {
            return "postgres://larkimg@/fleet?host=\(script.directory),\(script.directory)"
                + "&port=\(ports.map(String.init).joined(separator: ","))"
        }
        let hosts = ports.map { "\(network.address):\($0)" }.joined(separator: ",")
        return "postgres://larkimg@\(hosts)/fleet?sslmode=disable"
    }

    /// The processes that serve connections to the store.
    ///
    /// - Throws: ``ServerFailure``.
    public func backends() async throws -> [Int32] {
        try await script.psql(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'fleet'", port: ports[0], in: "postgres"
        )
        .compactMap { Int32($0) }
    }

    /// Restarts the first server as after a crash: connections break, and what was committed stays.
    ///
    /// - Throws: ``ServerFailure``.
    public func restart() async throws {
        try await script.run("pg_ctl", "-D", "\(script.directory)/first", "-m", "immediate", "-w", "restart")
    }

    /// Stops the first server as a crash would, and lets the second accept writes.
    ///
    /// - Throws: ``ServerFailure``.
    public func failOver() async throws {
        try await script.run("pg_ctl", "-D", "\(script.directory)/first", "-m", "immediate", "-w", "stop")
        try await script.run("pg_ctl", "-D", "\(script.directory)/second", "-w", "promote")
    }
}
#endif
