package import SystemPackage

/// A database in a local file, and how it is opened.
package struct DatabaseFile: Sendable {
    /// What a commit waits for.
    package enum Durability: Sendable {
        /// The disk: what was committed survives a power failure.
        case full
        /// Nothing: a power failure can damage the file.
        case none
    }

    /// Where the file is. It must exist; an empty file is an empty database.
    package var path: FilePath

    /// What a commit waits for.
    package var durability: Durability

    /// Whether deleted rows are overwritten with zeros.
    package var overwritesDeletedRows: Bool

    /// How long a transaction waits for locks of other connections.
    package var busyTimeout: Duration

    /// Describes a file that commits to the disk and overwrites what is deleted, unless told otherwise.
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
