#if PostgreSQL
import CPostgreSQL

extension PostgreSQLConnection {
    /// The table with the schema's application id and version, for which PostgreSQL has no setting of its own.
    private static let stateTable = "schema_state"

    func sharedClock() throws -> Int64? {
        let now: Int64? = try value("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
        return now
    }

    func schemaState() throws -> SchemaState {
        let tables: [String] = try values(
            """
            SELECT relname FROM pg_catalog.pg_class
            WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
                AND relkind IN ('r', 'p', 'v', 'm', 'f')
            """)
        let isEmpty = tables.allSatisfy { $0 == Self.stateTable }
        guard tables.contains(Self.stateTable),
            let row = try row("SELECT application_id, version FROM \(Self.stateTable)")
        else { return SchemaState(applicationID: 0, version: 0, isEmpty: isEmpty) }
        return SchemaState(
            applicationID: try row["application_id"], version: try row["version"], isEmpty: isEmpty)
    }

    func setSchema(applicationID: Int32, version: Int32) throws {
        try executeScript(
            """
            CREATE TABLE IF NOT EXISTS \(Self.stateTable) (
                id BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (id),
                application_id INTEGER NOT NULL,
                version INTEGER NOT NULL
            );
            INSERT INTO \(Self.stateTable) (application_id, version) VALUES (\(applicationID), \(version))
            ON CONFLICT (id) DO UPDATE SET application_id = excluded.application_id, version = excluded.version
            """)
    }

    func continueNumbering(_ table: String, by column: String) throws {
        _ = try rows(
            """
            SELECT setval(pg_get_serial_sequence('\(table)', '\(column)'), max(\(column))) FROM \(table)
            HAVING max(\(column)) IS NOT NULL
            """)
    }

    /// The server checks pages as it reads them, if its checksums are on, and enforces constraints and references
    /// itself. A full check reads every table; with the extension amcheck, and the right to run it, every B-tree too.
    func integrityProblems(_ extent: IntegrityCheckExtent) throws -> [String] {
        let tables: [String] = try values(
            "SELECT oid::regclass::text FROM pg_catalog.pg_class WHERE relkind = 'r' AND \(Self.isInSchema)")
        guard extent == .full else { return [] }
        var problems = try tables.compactMap { try problem(in: "SELECT count(*) FROM \($0) AS t WHERE t IS NULL") }
        let check: String? = try value(
            """
            SELECT min(oid::regproc::text) FROM pg_catalog.pg_proc
            WHERE proname = 'bt_index_check' AND pronargs = 2 AND has_function_privilege(oid, 'EXECUTE')
            """)
        guard let check else { return problems }
        let indexes: [Int64] = try values(
            """
            SELECT oid::bigint FROM pg_catalog.pg_class WHERE relkind = 'i' AND \(Self.isInSchema)
                AND relam = (SELECT oid FROM pg_catalog.pg_am WHERE amname = 'btree')
            """)
        problems += try indexes.compactMap { try problem(in: "SELECT \(check)(\($0)::oid::regclass, true) IS NULL") }
        return problems
    }

    private static let isInSchema =
        "relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())"

    /// Runs a query that fails when it meets damage, and returns the server's message.
    private func problem(in sql: String) throws -> String? {
        try executeScript("SAVEPOINT integrity")
        do {
            _ = try result(of: sql) { PQsendQuery(handle, sql) }
        } catch let error as DatabaseError where error.code == .corrupt || error.code == .ioError {
            try executeScript("ROLLBACK TO SAVEPOINT integrity")
            return error.message
        }
        try executeScript("RELEASE SAVEPOINT integrity")
        return nil
    }
}
#endif
