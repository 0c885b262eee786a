#if PostgreSQL
public import SystemPackage

/// A PostgreSQL server of the tests' own on a Unix socket, with PgBouncer before it.
public final class PostgreSQLServer: Sendable {
    /// How a test reaches the server.
    public enum Route: UInt16, CaseIterable, Sendable {
        case direct = 5432
        /// Through PgBouncer in transaction mode with three connections to each database, fewer than the tests use.
        case bouncer = 6432
    }

    private static let sharedServer = Task { try await PostgreSQLServer() }

    /// The server that the tests share, which none of them may stop.
    public static var shared: PostgreSQLServer { get async throws { try await sharedServer.value } }

    /// The TCP port on 127.0.0.1, with TLS and a certificate for `localhost`; 5432 without one.
    public let port: UInt16

    private let script: ServerScript

    /// Where the sockets are.
    public var directory: FilePath { script.directory }

    /// Starts a server.
    ///
    /// - Parameter port: where it listens with TLS; nil for the socket only.
    /// - Throws: `Errno`; ``ServerFailure`` with what the programs wrote.
    public init(tlsPort port: UInt16? = nil) async throws {
        self.port = port ?? Route.direct.rawValue
        let listening =
            port.map { "127.0.0.1 -c port=\($0) -c ssl=on -c ssl_cert_file=server.pem -c ssl_key_file=server.key" }
            ?? ""
        let stop = """
            kill -9 $(cat bouncer)
            $run pg_ctl -D data -m immediate stop
            """
        script = try await ServerScript(stop: stop) { directory in
            """
            $run initdb -D data -U larkimg -A trust -E UTF8 --locale=C.UTF-8 --no-sync
            $run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 \
            -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout data/server.key -out data/server.pem
            cp data/server.pem ca.pem
            printf 'hostssl all all 127.0.0.1/32 trust\\n' >pg_hba.conf
            printf 'local all locked scram-sha-256\\nlocal all all trust\\n' >>pg_hba.conf
            cat >pgbouncer.ini <<END
            [databases]
            * = host=\(directory)
            [pgbouncer]
            listen_addr =
            listen_port = \(Route.bouncer.rawValue)
            unix_socket_dir = \(directory)
            auth_type = trust
            auth_file = \(directory)/users
            pool_mode = transaction
            default_pool_size = 8
            max_client_conn = 500
            server_idle_timeout = 2
            END
            echo '"larkimg" ""' >users
            chmod a+r pg_hba.conf pgbouncer.ini users
            $run pg_ctl -D data -l \(directory)/data/log -w -t 100 start -o "-c fsync=off \
            -c listen_addresses=\(listening) -c unix_socket_directories=\(directory) -c hba_file=\(directory)/pg_hba.conf \
            -c max_connections=300 -c shared_buffers=32MB"
            $run pgbouncer pgbouncer.ini </dev/null &
            echo $! >bouncer
            """
        }
    }

    /// Restarts the server as after a crash: connections break, and what was committed stays.
    public func restart() async throws {
        try await script.run("pg_ctl", "-D", "\(directory)/data", "-m", "immediate", "-w", "restart")
    }

    /// Runs statements with psql, outside of a transaction, and returns the output's lines.
    @discardableResult
    public func psql(_ sql: String, in database: String = "postgres") async throws -> [String] {
        try await script.psql(sql, port: port, in: database)
    }
}
#endif
