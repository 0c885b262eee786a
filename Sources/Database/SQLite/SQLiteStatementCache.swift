/// The statements used last. Compiling one takes longer than most runs of it.
final class SQLiteStatementCache {
    private static let capacity = 64

    private var statements: [String: (statement: SQLiteStatement, lastUse: UInt64)] = [:]
    private var uses: UInt64 = 0

    /// Returns a cached statement, or compiles and keeps it; the one not used for longest makes room.
    ///
    /// - Throws: what `compile` throws.
    func statement(_ sql: String, compile: (String) throws -> SQLiteStatement) rethrows -> SQLiteStatement {
        uses += 1
        if let cached = statements[sql]?.statement {
            statements[sql]?.lastUse = uses
            return cached
        }
        let compiled = try compile(sql)
        if statements.count >= Self.capacity, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
        }
        statements[sql] = (compiled, uses)
        return compiled
    }

    /// Drops all statements, which a connection does before it closes.
    func removeAll() { statements = [:] }
}
