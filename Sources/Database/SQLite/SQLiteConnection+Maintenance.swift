import CSQLite

extension SQLiteConnection {
    func schemaState() throws -> SchemaState {
        SchemaState(
            applicationID: try value("PRAGMA application_id") ?? 0,
            version: try value("PRAGMA user_version") ?? 0,
            isEmpty: try value("SELECT count(*) FROM sqlite_schema") == 0)
    }

    func setSchema(applicationID: Int32, version: Int32) throws {
        // PRAGMA takes no arguments.
        try executeScript("PRAGMA user_version = \(version); PRAGMA application_id = \(applicationID)")
    }

    func integrityProblems(_ extent: IntegrityCheckExtent) throws -> [String] {
        switch extent {
        case .quick:
            return try values("PRAGMA quick_check(1)").filter { $0 != "ok" }
        case .full:
            var problems: [String] = try values("PRAGMA integrity_check").filter { $0 != "ok" }
            for row in try rows("PRAGMA foreign_key_check") {
                let table: String? = try row["table"]
                problems.append("a row of \(table ?? "a table") points to a row that is not there")
            }
            return problems
        }
    }
}

extension SQLiteConnection {
    /// Pages copied between two checks for cancellation.
    private static let pagesPerStep: Int32 = 256

    /// Copies the database into an empty one.
    ///
    /// A transaction holds the snapshot, so that writers of other processes cannot make the copy start again.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`.
    func backup(to copy: SQLiteConnection) throws {
        // A copy that fails is discarded, so it needs no journal, which would be left beside it.
        try copy.executeScript("PRAGMA journal_mode = OFF")
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
