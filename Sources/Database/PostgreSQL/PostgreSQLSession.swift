#if PostgreSQL
/// A connection that is made when it is needed and replaced when it broke, used on a queue of its own.
actor PostgreSQLSession {
    private let executor = QueueExecutor(label: "larkimg.postgresql")
    private let address: PostgreSQLAddress
    private var connection: PostgreSQLConnection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Creates a session without a connection.
    init(_ address: PostgreSQLAddress) { self.address = address }

    /// Runs a body in a transaction.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`; what the body throws.
    func transaction<Result: Sendable>(
        _ kind: PostgreSQLConnection.Transaction, _ body: @Sendable (any SQLConnection) throws -> Result
    ) throws -> Result {
        try Task.checkCancellation()
        let connection = try connectionInTransaction(kind)
        defer { if connection.isBroken { self.connection = nil } }
        return try connection.finish(kind, body)
    }

    /// Begins a transaction, on a new connection if the old one broke while it was idle: no statement of the body was
    /// sent yet.
    private func connectionInTransaction(_ kind: PostgreSQLConnection.Transaction) throws -> PostgreSQLConnection {
        if let connection {
            do {
                try connection.begin(kind)
                return connection
            } catch let error as DatabaseError {
                // A server that was demoted to a standby refuses to write; another host is the primary now.
                guard connection.isBroken || error.code == .readOnly else { throw error }
                self.connection = nil
            } catch {
                if connection.isBroken { self.connection = nil }
                throw error
            }
        }
        let connection = try PostgreSQLConnection(address)
        try connection.begin(kind)
        self.connection = connection
        return connection
    }
}
#endif
