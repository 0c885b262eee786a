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
