#if PostgreSQL
import Glibc
import Synchronization
public import SystemPackage
import Testing

/// A PostgreSQL server of the tests' own on a Unix socket, with PgBouncer before it, in a temporary directory.
///
/// Both end, and the directory goes, when the test process ends, also when it crashes: the script that starts them reads
/// a pipe that only the test process holds.
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

    /// Where the sockets are.
    public let directory: FilePath

    /// The TCP port on 127.0.0.1, with TLS and a certificate for `localhost`; 5432 without one.
    public let port: UInt16

    private static let programs = FilePath("/usr/lib/postgresql/15/bin")

    /// The server refuses to run as root.
    private static let unprivileged =
        getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []

    /// Starts a server.
    ///
    /// - Parameter port: where it listens with TLS; nil for the socket only.
    /// - Throws: `Errno`; ``ServerFailure`` with what the programs wrote.
    public init(tlsPort port: UInt16? = nil) async throws {
        self.port = port ?? Route.direct.rawValue
        var template = Array("/tmp/larkimg-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        directory = FilePath(path)
        let script = Self.script(directory: path, tlsPort: port)
        guard popen(script, "we") != nil else { throw Errno(rawValue: errno) }
        let folder = TemporaryFolder(path: directory)
        try await eventually { try folder.names().contains { $0 == "ready" || $0 == "failed" } }
        guard try folder.names().contains("ready") else {
            throw ServerFailure(text: String(decoding: try folder.read("log"), as: UTF8.self))
        }
    }

    private static func script(directory: String, tlsPort: UInt16?) -> String {
        let prefix = unprivileged.joined(separator: " ")
        let listening =
            tlsPort.map { "127.0.0.1 -c port=\($0) -c ssl=on -c ssl_cert_file=server.pem -c ssl_key_file=server.key" }
            ?? ""
        return """
            exec >\(directory)/log 2>&1
            trap '' HUP INT TERM
            cd \(directory)
            (
                set -e
                [ -z '\(prefix)' ] || chown postgres .
                \(prefix) \(programs)/initdb -D data -U larkimg -A trust -E UTF8 --locale=C.UTF-8 --no-sync
                \(prefix) openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 \
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
            default_pool_size = 3
            max_client_conn = 500
            server_idle_timeout = 2
            END
                echo '"larkimg" ""' >users
                chmod a+rx . && chmod a+r pg_hba.conf pgbouncer.ini users
                \(prefix) \(programs)/pg_ctl -D data -l \(directory)/data/log -w -t 100 start -o "-c fsync=off \
            -c listen_addresses=\(listening) -c unix_socket_directories=\(directory) -c hba_file=\(directory)/pg_hba.conf \
            -c max_connections=300 -c shared_buffers=32MB"
                \(prefix) /usr/sbin/pgbouncer pgbouncer.ini </dev/null &
                echo $! >bouncer
                touch ready
            )
            [ -e ready ] || touch failed
            cat >/dev/null
            kill $(cat bouncer)
            \(prefix) \(programs)/pg_ctl -D data -m immediate stop
            cd / && rm -rf \(directory)
            """
    }

    /// Restarts the server as after a crash: connections break, and what was committed stays.
    public func restart() async throws {
        try await run(["\(Self.programs)/pg_ctl", "-D", "\(directory)/data", "-m", "immediate", "-w", "restart"])
    }

    /// Runs statements with psql, outside of a transaction, and returns the output's lines.
    @discardableResult
    public func psql(_ sql: String, in database: String = "postgres") async throws -> [String] {
        try await run([
            "\(Self.programs)/psql", "-h", directory.string, "-p", "\(port)", "-U", "larkimg", "-d", database, "-X",
            "-q", "-A", "-t",
            "-v", "ON_ERROR_STOP=1", "-c", sql,
        ])
    }

    @discardableResult
    private func run(_ command: [String]) async throws -> [String] {
        let words = Self.unprivileged + command
        let ending = try await BuiltProgram(words[0])
            .run(Array(words.dropFirst()), environment: ["PATH": "/usr/bin:/bin"], in: directory)
        guard ending.status == 0 else { throw ServerFailure(text: ending.errors) }
        return ending.lines
    }
}

/// A program of PostgreSQL that failed.
public struct ServerFailure: Error {
    /// What it wrote to stderr.
    public let text: String
}
#endif
