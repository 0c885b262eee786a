#if PostgreSQL
import CPostgreSQL

/// The result of one statement.
final class PostgreSQLResult {
    private let handle: OpaquePointer

    /// Takes a result of libpq, and frees it at the end.
    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    /// What kind of result it is.
    var status: ExecStatusType { PQresultStatus(handle) }

    /// The number of rows inserted, updated or deleted.
    var changes: Int {
        guard let tag = PQcmdStatus(handle), !String(cString: tag).hasPrefix("SELECT") else { return 0 }
        return PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// The error that it reports. Its detail, which can hold stored values, is left out.
    func error(sql: String?) -> DatabaseError {
        guard let state = field("C") else { return .connectionLost(sql: sql) }
        return DatabaseError(sqlState: state, message: field("M") ?? "the server failed", sql: sql)
    }

    private func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(handle, Int32(code.value)).map { String(cString: $0) }
    }

    /// Decodes its rows.
    ///
    /// - Throws: ``DatabaseError`` `invalidColumn` for a type that has no counterpart here.
    func rows(of sql: String) throws -> [SQLRow] {
        let count = PQnfields(handle)
        let names = (0..<count).map { PQfname(handle, $0).map { String(cString: $0) } ?? "" }
        let columns = Dictionary(zip(names, 0...)) { first, _ in first }
        return try (0..<PQntuples(handle))
            .map { row in
                SQLRow(columns: columns, values: try (0..<count).map { try value(row, $0, sql: sql) })
            }
    }

    private func value(_ row: Int32, _ column: Int32, sql: String) throws -> SQLValue {
        guard PQgetisnull(handle, row, column) == 0 else { return .null }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
        let type = PQftype(handle, column)
        switch type {
        case PostgreSQLType.bigint: return .integer(try number(bytes))
        case PostgreSQLType.integer: return .integer(Int64(try number(bytes) as Int32))
        case PostgreSQLType.smallint: return .integer(Int64(try number(bytes) as Int16))
        case PostgreSQLType.oid: return .integer(Int64(try number(bytes) as UInt32))
        case PostgreSQLType.bool: return .integer(bytes.first == 0 ? 0 : 1)
        case PostgreSQLType.double: return .real(Double(bitPattern: try number(bytes)))
        case PostgreSQLType.real: return .real(Double(Float(bitPattern: try number(bytes))))
        case PostgreSQLType.bytea: return .blob(Array(bytes))
        case PostgreSQLType.text, PostgreSQLType.varchar, PostgreSQLType.bpchar, PostgreSQLType.name,
            PostgreSQLType.char, PostgreSQLType.unknown:
            // A database with the encoding SQL_ASCII stores any bytes; a repaired text would be another one.
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw DatabaseError(.invalidColumn, "a column holds text that is not valid UTF-8", sql: sql)
            }
            return .text(text)
        default:
            let name = PQfname(handle, column).map { String(cString: $0) } ?? ""
            throw DatabaseError(
                .invalidColumn, "column \(name) has the type \(type), which must be cast to another", sql: sql)
        }
    }

    /// The protocol's numbers are big-endian.
    private func number<Number: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer) throws -> Number {
        guard bytes.count == MemoryLayout<Number>.size else {
            throw DatabaseError(.other, "the server sent a number with another length than its type's")
        }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }
}
#endif
