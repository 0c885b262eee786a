import CSQLite

extension SQLiteConnection {
    /// Pages copied between two looks at the task.
    private static let pagesPerStep: Int32 = 256

    /// Copies the database into an empty one.
    ///
    /// A transaction holds the snapshot, so that writers of other processes cannot make the copy start again.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`.
    func backup(to copy: SQLiteConnection) throws {
        try transaction(.deferred) { source in
            // The snapshot is taken by the first statement that reads.
            _ = try source.schemaState()
            guard let backup = sqlite3_backup_init(copy.handle, "main", handle, "main") else {
                throw DatabaseError(sqlite: sqlite3_extended_errcode(copy.handle), copy.handle)
            }
            var code = SQLITE_OK
            while code == SQLITE_OK, !Task.isCancelled {
                code = sqlite3_backup_step(backup, Self.pagesPerStep)
            }
            sqlite3_backup_finish(backup)
            if code == SQLITE_OK { throw CancellationError() }
            guard code == SQLITE_DONE else { throw DatabaseError(sqlite: code, copy.handle) }
        }
    }
}
