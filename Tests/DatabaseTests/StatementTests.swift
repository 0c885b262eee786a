import Database
import Testing

@Suite("Statements are compiled once and used again")
struct StatementTests {
    /// A statement that is refused.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let sql: String
        let arguments: [any SQLConvertible]
        let code: DatabaseError.Code
        var testDescription: String { "\(sql) with \(arguments.count) arguments" }
    }

    @Test(
        "A wrong statement, a wrong number of arguments and a broken constraint throw",
        arguments: [
            Refusal(sql: "SELEC 1", arguments: [], code: .invalidStatement),
            Refusal(sql: "SELECT * FROM missing", arguments: [], code: .invalidStatement),
            Refusal(sql: "", arguments: [], code: .invalidStatement),
            Refusal(sql: "SELECT 1; SELECT 2", arguments: [], code: .invalidStatement),
            Refusal(sql: "SELECT ?", arguments: [], code: .invalidStatement),
            Refusal(sql: "SELECT ?", arguments: [1, 2], code: .invalidStatement),
            Refusal(sql: "INSERT INTO t VALUES (?)", arguments: ["canary"], code: .constraint),
            Refusal(sql: "INSERT INTO t VALUES (?)", arguments: [nil as Int?], code: .constraint),
            Refusal(sql: "INSERT INTO t VALUES (?)", arguments: [1], code: .constraint),
        ])
    func refusals(_ refusal: Refusal) async throws {
        try await withDatabase { database, _, _ in
            try await database.run("CREATE TABLE t (a INTEGER NOT NULL UNIQUE) STRICT; INSERT INTO t VALUES (1)")
            for _ in 0..<2 {
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { try $0.execute(refusal.sql, refusal.arguments) }
                }
                #expect(error?.code == refusal.code, "\(String(describing: error))")
                #expect(error?.description.contains("canary") == false)
            }
            #expect(try await database.number("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("A statement works again after it failed in the middle of its rows")
    func afterFailure() async throws {
        try await withDatabase { database, _, _ in
            // abs() overflows at the third row.
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (-9223372036854775808), (3)")
            let sql = "SELECT abs(a) AS a FROM t WHERE a >= ?"
            for _ in 0..<3 {
                await #expect(throws: DatabaseError.self) {
                    _ = try await database.read { try $0.rows(sql, [Int64.min]) }
                }
                #expect(try await database.read { try $0.values(sql, [0]) } == [1, 2, 3])
            }
        }
    }

    @Test("The same statement can run for each row of itself, with other arguments each time")
    func nested() async throws {
        try await withDatabase { database, _, _ in
            let counts = try await database.read { connection in
                let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n"
                let outer: [Int] = try connection.values(sql, [4])
                return try outer.map { last in try (connection.values(sql, [last]) as [Int]).count }
            }
            #expect(counts == [1, 2, 3, 4])
        }
    }

    @Test("Arguments of one run are gone in the next")
    func clearedArguments() async throws {
        try await withDatabase { database, _, _ in
            let words: [String?] = try await database.read { connection in
                try ["first", nil, "third"].map { word in try connection.value("SELECT ? AS a", [word]) ?? nil }
            }
            #expect(words == ["first", nil, "third"])
        }
    }

    @Test("A statement that is cached sees columns that another connection adds and renames")
    func changedSchema() async throws {
        try await withDatabase { database, file, _ in
            try await database.run("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)")
            let sql = "SELECT * FROM t"
            #expect(try await database.read { try $0.row(sql)?["b"] as Int? } == 2)
            let other = try await file.open()
            try await other.run("ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t ADD COLUMN d DEFAULT 7")
            let row = try #require(try await database.read { try $0.row(sql) })
            #expect(try row["c"] as Int == 2)
            #expect(try row["d"] as Int == 7)
            #expect(throws: DatabaseError.self) { try row["b"] as Int? }
        }
    }

    @Test("More statements than the cache holds all work, the first ones again at the end")
    func manyStatements() async throws {
        try await withDatabase { database, _, _ in
            for number in Array(0..<300) + Array(0..<10) {
                let read = try await database.number("SELECT \(number) + 0")
                #expect(read == number)
            }
        }
    }

    @Test("The rows changed are counted")
    func changes() async throws {
        try await withDatabase { database, _, _ in
            try await database.run("CREATE TABLE t (a PRIMARY KEY, b)")
            let counts = try await database.write { connection in
                [
                    try connection.execute("INSERT INTO t VALUES (?, 1), (?, 1)", [1, 2]),
                    try connection.execute("UPDATE t SET b = 2"),
                    try connection.execute("INSERT INTO t VALUES (1, 1) ON CONFLICT (a) DO NOTHING"),
                    try connection.execute("DELETE FROM t WHERE a = ?", [1]),
                ]
            }
            #expect(counts == [2, 2, 0, 1])
            let returned: [Int] = try await database.write { try $0.values("UPDATE t SET b = 5 RETURNING b") }
            #expect(returned == [5])
        }
    }
}
