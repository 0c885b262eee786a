#if PostgreSQL
import CPostgreSQL

/// A statement's arguments in the binary format of the protocol.
struct PostgreSQLArguments {
    private var types: [Oid] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var bytes: [UInt8] = []

    /// Encodes arguments. NULL has no type: the server takes the one that the statement expects.
    init(_ arguments: [any SQLConvertible]) {
        for argument in arguments {
            switch argument.sqlValue {
            case .null: append(0, nil)
            case .integer(let integer):
                append(PostgreSQLType.bigint, Swift.withUnsafeBytes(of: integer.bigEndian, Array.init))
            case .real(let number):
                append(
                    PostgreSQLType.double, Swift.withUnsafeBytes(of: number.bitPattern.bigEndian, Array.init))
            case .text(let text): append(PostgreSQLType.text, Array(text.utf8))
            case .blob(let blob): append(PostgreSQLType.bytea, blob)
            }
        }
        // A null pointer would be NULL, also for an empty value.
        bytes.append(0)
    }

    private mutating func append(_ type: Oid, _ value: [UInt8]?) {
        types.append(type)
        offsets.append(value == nil ? nil : bytes.count)
        lengths.append(Int32(clamping: value?.count ?? 0))
        bytes += value ?? []
    }

    /// Sends a statement with these arguments, and asks for its result in the binary format.
    ///
    /// - Returns: 1, or 0 when it could not be sent.
    func send(_ sql: String, on connection: OpaquePointer) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            let values = offsets.map { offset in
                offset.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            let formats = [Int32](repeating: 1, count: values.count)
            return PQsendQueryParams(
                connection, sql, Int32(values.count), types, values, lengths, formats, 1)
        }
    }
}

/// The object identifiers of built-in types, which never change (`pg_type.dat`).
enum PostgreSQLType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let char: Oid = 18
    static let name: Oid = 19
    static let bigint: Oid = 20
    static let smallint: Oid = 21
    static let integer: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let real: Oid = 700
    static let double: Oid = 701
    static let unknown: Oid = 705
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
}
#endif
