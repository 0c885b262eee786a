package import SystemPackage

/// A relational database: transactions, and the statements run in them.
///
/// An implementation runs all work on threads of its own, never on an event loop or the cooperative pool, and one
/// transaction of ``write(_:)`` at a time. It commits when the body returns and rolls back when the body throws.
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

    /// Runs a body in a transaction that changes only rows which belong to a name, such as the counts of one tenant.
    ///
    /// On a server it waits for transactions of the same name alone, in a file for all that write. A server that crashes
    /// within the next second may lose it.
    ///
    /// - Throws: as ``write(_:)``.
    @discardableResult
    func write<Result: Sendable>(
        rowsOf name: String, _ body: @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Copies one snapshot of the database while others use it.
    ///
    /// - Parameter file: an empty file; after an error its contents are incomplete.
    /// - Throws: ``DatabaseError``; `CancellationError`.
    func backup(to file: FilePath) async throws

    /// Closes the database. Later calls throw ``DatabaseError``; the last reference closes it too.
    func close() async
}

extension SQLDatabase {
    // A file has one lock for all.
    @discardableResult
    package func write<Result: Sendable>(
        rowsOf name: String, _ body: @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await write(body)
    }
}

/// A database in a local file, and how it is opened.
package struct DatabaseFile: Sendable {
    /// What a commit waits for.
    package enum Durability: Sendable {
        /// The disk: what was committed survives a power failure.
        case full
        /// Nothing: a power failure can damage the file.
        case none
    }

    /// The file's path. It must exist; an empty file is an empty database.
    package var path: FilePath

    /// What a commit waits for.
    package var durability: Durability

    /// Whether deleted rows are overwritten with zeros.
    package var overwritesDeletedRows: Bool

    /// How long a transaction waits for locks of other connections.
    package var busyTimeout: Duration

    /// Creates a description.
    package init(
        _ path: FilePath, durability: Durability = .full, overwritesDeletedRows: Bool = true,
        busyTimeout: Duration = .seconds(10)
    ) {
        self.path = path
        self.durability = durability
        self.overwritesDeletedRows = overwritesDeletedRows
        self.busyTimeout = busyTimeout
    }

    /// Opens the file.
    ///
    /// - Parameter inspect: reads the database before any setting is changed. When it throws, the file is left as it
    ///   was.
    /// - Throws: ``DatabaseError``, `corrupt` also for a file cut short; `CancellationError`; what `inspect` throws.
    package func open(
        inspect: @Sendable (any SQLConnection) throws -> Void = { _ in }
    ) async throws -> any SQLDatabase {
        try await SQLiteDatabase.open(self, inspect: inspect)
    }
}
