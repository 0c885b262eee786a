/// Runs statements inside a transaction.
///
/// It is not `Sendable`, so the compiler keeps it in the body it was passed to. A body ends with the first error: SQLite
/// would run its other statements, PostgreSQL refuses them, and the commit.
package protocol SQLConnection {
    /// Runs a query.
    ///
    /// - Parameters:
    ///   - sql: one statement, with `?` for each argument. It is compiled once and cached: build no values into it.
    ///   - arguments: the values of the placeholders, in order.
    /// - Throws: ``DatabaseError``.
    func rows(_ sql: String, _ arguments: [any SQLConvertible]) throws -> [SQLRow]

    /// Runs a statement that inserts, updates or deletes.
    ///
    /// - Parameters: as for ``rows(_:_:)``.
    /// - Returns: the number of rows changed.
    /// - Throws: ``DatabaseError``.
    @discardableResult
    func execute(_ sql: String, _ arguments: [any SQLConvertible]) throws -> Int

    /// Runs any number of statements without arguments, such as a migration.
    ///
    /// - Throws: ``DatabaseError``.
    func executeScript(_ sql: String) throws

    /// Reads the clock that all processes which use the database share: milliseconds since 1970; nil for a file, whose
    /// processes share the machine's.
    ///
    /// - Throws: ``DatabaseError``.
    func sharedClock() throws -> Int64?

    /// Reads the schema's application id and version.
    ///
    /// - Throws: ``DatabaseError``.
    func schemaState() throws -> SchemaState

    /// Records the schema's application id and version.
    ///
    /// - Throws: ``DatabaseError``.
    func setSchema(applicationID: Int32, version: Int32) throws

    /// Lets a table's numbers, which the database assigns in ascending order, continue after the largest there is.
    ///
    /// - Throws: ``DatabaseError``.
    func continueNumbering(_ table: String, by column: String) throws

    /// Reads the database's pages and checks that they are consistent.
    ///
    /// - Returns: one line for each problem; empty for a consistent database.
    /// - Throws: ``DatabaseError`` when it cannot be read at all.
    func integrityProblems(_ extent: IntegrityCheckExtent) throws -> [String]
}

/// The schema that a database has.
package struct SchemaState: Sendable, Hashable {
    /// Identifies the application; 0 if none was recorded.
    package let applicationID: Int32
    /// The number of the last migration; 0 if none was recorded.
    package let version: Int32
    /// Whether it holds no tables at all.
    package let isEmpty: Bool

    /// Creates a state.
    package init(applicationID: Int32, version: Int32, isEmpty: Bool) {
        self.applicationID = applicationID
        self.version = version
        self.isEmpty = isEmpty
    }
}

/// How much ``SQLConnection/integrityProblems(_:)`` checks.
package enum IntegrityCheckExtent: Sendable {
    /// Whether the pages can be read; stops at the first problem.
    case quick
    /// Pages, indexes, constraints and references.
    case full
}

extension SQLConnection {
    package func sharedClock() throws -> Int64? { nil }

    // SQLite looks at the rows itself (sqlite.org, "SQLite Autoincrement").
    package func continueNumbering(_ table: String, by column: String) throws {}

    /// Runs a query without arguments.
    ///
    /// - Throws: ``DatabaseError``.
    package func rows(_ sql: String) throws -> [SQLRow] { try rows(sql, []) }

    /// Runs a statement without arguments.
    ///
    /// - Returns: the number of rows changed.
    /// - Throws: ``DatabaseError``.
    @discardableResult
    package func execute(_ sql: String) throws -> Int { try execute(sql, []) }

    /// Runs a query and returns its first row, nil when it has none.
    ///
    /// - Throws: ``DatabaseError``.
    package func row(_ sql: String, _ arguments: [any SQLConvertible] = []) throws -> SQLRow? {
        try rows(sql, arguments).first
    }

    /// Runs a query and returns the first column of its first row, nil when it has no row.
    ///
    /// - Throws: ``DatabaseError``, also for NULL, unless the type is optional.
    package func value<Value: SQLConvertible>(_ sql: String, _ arguments: [any SQLConvertible] = []) throws -> Value? {
        try row(sql, arguments)?.firstColumn()
    }

    /// Runs a query and returns the first column of each row.
    ///
    /// - Throws: ``DatabaseError``, also for NULL, unless the type is optional.
    package func values<Value: SQLConvertible>(_ sql: String, _ arguments: [any SQLConvertible] = []) throws -> [Value]
    {
        try rows(sql, arguments).map { try $0.firstColumn() }
    }
}
