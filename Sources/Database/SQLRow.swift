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

    /// The names and values of all columns, in order.
    package var fields: [(name: String, value: SQLValue)] {
        columns.sorted { $0.value < $1.value }.map { ($0.key, values[$0.value]) }
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

/// A value as a database stores it.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// The type's name, for errors. The value itself never appears in one.
    var typeName: String {
        switch self {
        case .null: "NULL"
        case .integer: "an integer"
        case .real: "a real number"
        case .text: "text"
        case .blob: "bytes"
        }
    }
}

/// A type whose values can be arguments and columns.
package protocol SQLConvertible: Sendable {
    /// The value to store.
    var sqlValue: SQLValue { get }

    /// Creates a value from a stored one; nil when the stored one has another type or is out of range.
    init?(sqlValue: SQLValue)
}

extension SQLValue: SQLConvertible {
    package var sqlValue: SQLValue { self }

    package init?(sqlValue: SQLValue) { self = sqlValue }
}

extension Int64: SQLConvertible {
    package var sqlValue: SQLValue { .integer(self) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let integer) = sqlValue else { return nil }
        self = integer
    }
}

extension Int32: SQLConvertible {
    package var sqlValue: SQLValue { .integer(Int64(self)) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let integer) = sqlValue else { return nil }
        self.init(exactly: integer)
    }
}

extension Int: SQLConvertible {
    package var sqlValue: SQLValue { .integer(Int64(self)) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let integer) = sqlValue else { return nil }
        self.init(exactly: integer)
    }
}

extension Bool: SQLConvertible {
    package var sqlValue: SQLValue { .integer(self ? 1 : 0) }

    package init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension String: SQLConvertible {
    package var sqlValue: SQLValue { .text(self) }

    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self = text
    }
}

extension [UInt8]: SQLConvertible {
    package var sqlValue: SQLValue { .blob(self) }

    package init?(sqlValue: SQLValue) {
        guard case .blob(let bytes) = sqlValue else { return nil }
        self = bytes
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }

    package init?(sqlValue: SQLValue) {
        if sqlValue == .null {
            self = Self.none
        } else {
            guard let value = Wrapped(sqlValue: sqlValue) else { return nil }
            self = Self.some(value)
        }
    }
}
