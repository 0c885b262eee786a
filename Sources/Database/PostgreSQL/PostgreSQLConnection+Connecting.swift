#if PostgreSQL
import CPostgreSQL
import Glibc

extension PostgreSQLConnection {
    /// Connects to the first host that answers and fits.
    ///
    /// One host at a time: libpq itself moves on after a time only in a call that a cancelled task cannot end.
    ///
    /// - Throws: ``DatabaseError`` `cannotOpen`; `CancellationError`.
    static func connected(to address: PostgreSQLAddress) throws -> OpaquePointer {
        let password = try address.passwordFile.map(PostgreSQLPasswordFile.read)
        var failures: [String] = []
        for host in address.hosts {
            do {
                return try connected(
                    with: address.parameters(for: host, password: password), within: address.connectTimeout)
            } catch let error as DatabaseError {
                failures.append(error.message)
            }
        }
        throw DatabaseError(.cannotOpen, failures.joined(separator: "; "))
    }

    private static func connected(with parameters: [String: String], within timeout: Duration) throws
        -> OpaquePointer
    {
        guard let handle = start(parameters) else { throw DatabaseError(.outOfMemory, "libpq has no memory") }
        do {
            // libpq would print the server's notices.
            PQsetNoticeReceiver(handle, { _, _ in }, nil)
            try waitUntilConnected(handle, until: .now + timeout)
            return handle
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    private static func start(_ parameters: [String: String]) -> OpaquePointer? {
        let words = parameters.flatMap { [strdup($0.key), strdup($0.value)] }
        defer { for word in words { free(word) } }
        let keywords = stride(from: 0, to: words.count, by: 2).map { UnsafePointer(words[$0]) } + [nil]
        let values = stride(from: 1, to: words.count, by: 2).map { UnsafePointer(words[$0]) } + [nil]
        return PQconnectStartParams(keywords, values, 0)
    }

    private static func waitUntilConnected(_ handle: OpaquePointer, until deadline: ContinuousClock.Instant) throws {
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else { throw DatabaseError(.cannotOpen, message(handle)) }
            // The socket may be another one each time.
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            var socket = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            while poll(&socket, 1, 20) <= 0 {
                try Task.checkCancellation()
                guard ContinuousClock.now < deadline else {
                    let host = PQhost(handle).map { String(cString: $0) } ?? ""
                    throw DatabaseError(.cannotOpen, "connection to server at \"\(host)\" timed out")
                }
            }
            state = PQconnectPoll(handle)
        }
    }

    /// What libpq says about the connection, in one line. It names hosts, roles and files, never a password.
    static func message(_ handle: OpaquePointer) -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
        return lines.isEmpty ? "the connection failed" : lines.joined(separator: " ")
    }
}
#endif
