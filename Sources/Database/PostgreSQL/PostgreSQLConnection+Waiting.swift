#if PostgreSQL
import CPostgreSQL
import Glibc

extension PostgreSQLConnection {
    /// How often a wait looks whether its task was cancelled, in milliseconds. The thread is the connection's own.
    private static let interval: Int32 = 20

    /// How long a cancelled statement may take to end.
    private static let cancelTimeout = Duration.seconds(10)

    /// Sends one or more statements and waits until the server has run them.
    ///
    /// - Parameters:
    ///   - sql: the statement, for errors.
    ///   - send: sends them with one call of libpq, and returns its result.
    /// - Returns: the last statement's result.
    /// - Throws: ``DatabaseError``, `interrupted` also when the task is cancelled and the connection cancellable.
    func result(of sql: String?, send: () -> Int32) throws -> PostgreSQLResult {
        cancelledAt = nil
        guard !isBroken else { throw DatabaseError.connectionLost(sql: sql) }
        if isCancellable, Task.isCancelled { throw DatabaseError(.interrupted, "the task was cancelled", sql: sql) }
        guard send() == 1 else {
            // A broken connection is found here, and so is a text that libpq does not send.
            throw isBroken
                ? DatabaseError.connectionLost(sql: sql)
                : DatabaseError(.invalidStatement, Self.message(handle), sql: sql)
        }
        var last: PostgreSQLResult?
        var failure: DatabaseError?
        while let result = try nextResult() {
            last = result
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                isAbandoned = true
                throw DatabaseError(.invalidStatement, "COPY is not supported", sql: sql)
            default: failure = failure ?? result.error(sql: sql)
            }
        }
        if let failure { throw failure }
        guard let last, !isBroken else { throw DatabaseError.connectionLost(sql: sql) }
        return last
    }

    private func nextResult() throws -> PostgreSQLResult? {
        while PQisBusy(handle) == 1 {
            try waitForAnswer()
            // After an error of the connection libpq has a result that says so.
            guard PQconsumeInput(handle) == 1 else { break }
        }
        return PQgetResult(handle).map(PostgreSQLResult.init)
    }

    private func waitForAnswer() throws {
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        while poll(&socket, 1, isCancellable ? Self.interval : -1) <= 0 {
            if isCancellable, Task.isCancelled { try cancelStatement() }
        }
    }

    /// Asks the server to end the statement, whose result then is an error.
    ///
    /// When libpq returns, the server has signalled the process that runs the statement. That process drops a signal
    /// that comes after the statement, so it cannot end the next one.
    private func cancelStatement() throws {
        if let cancelledAt {
            guard ContinuousClock.now - cancelledAt > Self.cancelTimeout else { return }
        } else {
            cancelledAt = .now
            let request = PQgetCancel(handle)
            defer { PQfreeCancel(request) }
            var message = [CChar](repeating: 0, count: 256)
            if PQcancel(request, &message, Int32(message.count)) == 1 { return }
        }
        isAbandoned = true
        throw DatabaseError(.interrupted, "the statement could not be cancelled")
    }
}
#endif
