package import SystemPackage

/// A PostgreSQL database, and how to connect to it.
///
/// It never holds a password. libpq reads one from the file that `PGPASSFILE` or `passfile` names; else it is read from
/// ``passwordFile``, again for each connection, so that it can be replaced while the program runs.
package struct PostgreSQLAddress: Sendable, Hashable, CustomStringConvertible {
    /// A server's host and port.
    package struct Host: Sendable, Hashable {
        /// A name, an address, or the directory of a Unix socket.
        package let name: String
        /// The port, which is also part of a socket's name.
        package let port: UInt16

        /// Whether the connection stays on this machine.
        package var isLocal: Bool {
            name.hasPrefix("/") || name == "localhost" || name == "::1" || name.hasPrefix("127.")
        }
    }

    /// The servers in the order in which they are tried.
    package let hosts: [Host]

    /// The role; nil for the operating system's user.
    package let user: String?

    /// The database's name.
    package let database: String

    /// Other settings, by libpq's names.
    let settings: [String: String]

    /// A file with the password and nothing else.
    package var passwordFile: FilePath?

    /// How long a transaction waits for a free connection, and then for each lock.
    package var busyTimeout = Duration.seconds(10)

    /// The largest number of connections, at least two: one writes, the others read.
    package var connectionLimit = 4

    /// The URL without settings.
    package var description: String {
        let prefix = "postgres://\(user.map { "\($0)@" } ?? "")"
        guard !hosts.contains(where: { $0.name.hasPrefix("/") }) else {
            let (names, ports) = (hosts.map(\.name), hosts.map { "\($0.port)" })
            let port = Set(ports) == ["5432"] ? "" : "&port=\(ports.joined(separator: ","))"
            return "\(prefix)/\(database)?host=\(names.joined(separator: ","))\(port)"
        }
        let list = hosts.map { host in
            host.name.contains(":") ? "[\(host.name)]:\(host.port)" : "\(host.name):\(host.port)"
        }
        return "\(prefix)\(list.joined(separator: ","))/\(database)"
    }

    /// Connects, and reads the database.
    ///
    /// - Parameter inspect: reads the database in the first transaction.
    /// - Throws: ``DatabaseError``, `cannotOpen` also when the program was built without PostgreSQL;
    ///   `CancellationError`; what `inspect` throws.
    package func open(
        inspect: @Sendable (any SQLConnection) throws -> Void = { _ in }
    ) async throws -> any SQLDatabase {
        #if PostgreSQL
        let database = PostgreSQLDatabase(self)
        try await database.read(inspect)
        return database
        #else
        throw DatabaseError(
            .cannotOpen,
            "this program was built without PostgreSQL: it needs the package trait PostgreSQL and libpq (libpq-dev)")
        #endif
    }

    /// How long to wait for each host, in seconds.
    var connectTimeout: Duration { .seconds(settings["connect_timeout"].flatMap { Int($0) } ?? 5) }

    /// What libpq is told to connect to one of the hosts.
    func parameters(for host: Host, password: String?) -> [String: String] {
        var parameters = [
            "application_name": "larkimg",
            "sslmode": hosts.allSatisfy(\.isLocal) ? "prefer" : "verify-full",
            "target_session_attrs": hosts.count > 1 ? "read-write" : "any",
            // A peer that vanished is noticed after 11 s while we wait, after 10 s while we send.
            "keepalives_idle": "5",
            "keepalives_interval": "2",
            "keepalives_count": "3",
            "tcp_user_timeout": "10000",
        ]
        parameters.merge(settings) { $1 }
        parameters["host"] = host.name
        parameters["port"] = "\(host.port)"
        parameters["dbname"] = database
        parameters["user"] = user
        parameters["password"] = password
        parameters["client_encoding"] = "UTF8"
        // Kerberos is not asked for encryption, which costs a round trip.
        parameters["gssencmode"] = "disable"
        return parameters
    }
}
