package import SystemPackage

/// A relational database: transactions, and the statements run in them.
///
/// An implementation runs all work on a thread of its own, never on an event loop or the cooperative pool, and one
/// transaction at a time. It commits when the body returns and rolls back when the body throws.
package protocol SQLDatabase: Sendable {
    /// Runs a body in a transaction that sees one snapshot of the database and cannot change it.
    ///
    /// A cancelled task does not wait for a lock or for a statement to finish.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`; what the body throws.
    func read<Result: Sendable>(
        _ body: @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Runs a body in a transaction that holds the write lock from its start.
    ///
    /// A cancelled task does not wait for the lock. Once the body runs, it runs to its end.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`; what the body throws.
    @discardableResult
    func write<Result: Sendable>(
        _ body: @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Copies one snapshot of the database while others use it.
    ///
    /// - Parameter file: an empty file; it stays as it is at the moment of an error, and is of no use then.
    /// - Throws: ``DatabaseError``; `CancellationError`.
    func backup(to file: FilePath) async throws

    /// Closes the database. Later calls throw ``DatabaseError``; the last reference closes it too.
    func close() async
}
