import Crypto
import Database

/// A table of the store, as a copy reads and writes it.
struct StoredTable: Sendable {
    let name: String
    /// The columns of the primary key, in whose order rows are read.
    let key: [String]

    /// All tables but `key_check`, each after those that it refers to.
    static let all = [
        StoredTable(name: "app", key: ["id"]),
        StoredTable(name: "tenant", key: ["name"]),
        StoredTable(name: "token", key: ["app", "tenant_key"]),
        StoredTable(name: "renewal_failure", key: ["app", "tenant_key"]),
        StoredTable(name: "app_ticket", key: ["app"]),
        StoredTable(name: "installation", key: ["app", "tenant_key"]),
        StoredTable(name: "app_event", key: ["app", "event_id"]),
        StoredTable(name: "client", key: ["name"]),
        StoredTable(name: "client_tenant", key: ["client", "tenant"]),
        StoredTable(name: "client_secret", key: ["number"]),
        StoredTable(name: "host_outage", key: ["host"]),
        StoredTable(name: "gone_resource", key: ["app", "tenant_key", "message_id", "resource_key", "type"]),
        StoredTable(name: "resource_owner", key: ["app", "tenant_key", "message_id"]),
    ]

    private var keyList: String { key.joined(separator: ", ") }

    /// Reads the rows after a key, or the first ones, in the order of their keys.
    ///
    /// - Throws: `DatabaseError`.
    func rows(
        after last: [SQLValue]?, limit: Int, in connection: any SQLConnection
    ) throws -> [SQLRow] {
        let condition = last == nil ? "" : "WHERE (\(keyList)) > (\(key.map { _ in "?" }.joined(separator: ", ")))"
        return try connection.rows(
            "SELECT * FROM \(name) \(condition) ORDER BY \(keyList) LIMIT ?", (last ?? []) + [limit])
    }

    /// Reads the key of the last row; nil for an empty table.
    ///
    /// - Throws: `DatabaseError`.
    func lastKey(in connection: any SQLConnection) throws -> [SQLValue]? {
        let order = key.map { "\($0) DESC" }.joined(separator: ", ")
        return try connection.row("SELECT \(keyList) FROM \(name) ORDER BY \(order) LIMIT 1").map(key(of:))
    }

    /// - Throws: `DatabaseError`.
    func key(of row: SQLRow) throws -> [SQLValue] { try key.map { try row[$0] } }

    /// Adds a row of another database.
    ///
    /// - Throws: `DatabaseError`.
    func insert(_ row: SQLRow, in connection: any SQLConnection) throws {
        let fields = row.fields
        try connection.execute(
            """
            INSERT INTO \(name) (\(fields.map(\.name).joined(separator: ", ")))
            VALUES (\(fields.map { _ in "?" }.joined(separator: ", ")))
            """,
            fields.map(\.value))
    }

    /// The SHA-256 of all rows, whatever the engine and the order of the columns are.
    ///
    /// - Throws: `DatabaseError`.
    func digest(in connection: any SQLConnection) throws -> SHA256.Digest {
        var hash = SHA256()
        var last: [SQLValue]?
        while true {
            let rows = try rows(after: last, limit: 1000, in: connection)
            guard let end = rows.last else { return hash.finalize() }
            for field in rows.flatMap({ $0.fields.sorted { $0.name < $1.name } }) {
                hash.update(data: Self.bytes(of: field.value))
            }
            last = try key(of: end)
        }
    }

    /// Different lists of values have different bytes: each value tells its type and its length.
    private static func bytes(of value: SQLValue) -> [UInt8] {
        func bytes(_ type: Character, _ content: some Collection<UInt8>) -> [UInt8] {
            Array("\(type)\(content.count):".utf8) + content
        }
        return switch value {
        case .null: bytes("n", [])
        case .integer(let integer): bytes("i", "\(integer)".utf8)
        case .real(let number): bytes("r", "\(number)".utf8)
        case .text(let text): bytes("t", text.utf8)
        case .blob(let blob): bytes("b", blob)
        }
    }
}
