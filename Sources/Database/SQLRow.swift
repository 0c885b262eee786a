/// One row of a query's result.
package struct SQLRow: Sendable {
    /// The columns' names with their indexes, shared by all rows of a result.
    let columns: [String: Int]
    let values: [SQLValue]

    /// The value of a column: `let name: String = try row["name"]`.
    ///
    /// - Throws: ``DatabaseError`` `invalidColumn` when there is no such column, or its value is NULL, has another type
    ///   or is out of range. An optional type accepts NULL.
    package subscript<Value: SQLConvertible>(column: String) -> Value {
        get throws {
            guard let index = columns[column], values.indices.contains(index) else {
                throw DatabaseError(.invalidColumn, "the result has no column \(column)")
            }
            return try Self.decoded(values[index], name: column)
        }
    }

    /// The value of the first column.
    ///
    /// - Throws: ``DatabaseError`` `invalidColumn`.
    func firstColumn<Value: SQLConvertible>() throws -> Value {
        guard let value = values.first else { throw DatabaseError(.invalidColumn, "the result has no columns") }
        return try Self.decoded(value, name: columns.first { $0.value == 0 }?.key ?? "1")
    }

    private static func decoded<Value: SQLConvertible>(_ value: SQLValue, name: String) throws -> Value {
        guard let decoded = Value(sqlValue: value) else {
            throw DatabaseError(.invalidColumn, "column \(name) holds \(value.typeName), which is not a valid value")
        }
        return decoded
    }
}
