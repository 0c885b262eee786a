#if PostgreSQL
import Database
import TestSupport
import Testing

@Suite("PostgreSQL: columns have the type that is asked for, or the read throws", .timeLimit(.minutes(5)))
struct PostgreSQLRowTests {
    /// A value of a type that is not the column's.
    struct Mismatch: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let read: @Sendable (SQLRow) throws -> Void
    }

    private static let mismatches: [Mismatch] = [
        Mismatch(testDescription: "NULL as an integer") { let _: Int = try $0["absent"] },
        Mismatch(testDescription: "NULL as text") { let _: String = try $0["absent"] },
        Mismatch(testDescription: "NULL as bytes") { let _: [UInt8] = try $0["absent"] },
        Mismatch(testDescription: "text as an integer") { let _: Int64 = try $0["word"] },
        Mismatch(testDescription: "text as an optional integer") { let _: Int64? = try $0["word"] },
        Mismatch(testDescription: "text as bytes") { let _: [UInt8] = try $0["word"] },
        Mismatch(testDescription: "an integer as text") { let _: String = try $0["large"] },
        Mismatch(testDescription: "a real number as an integer") { let _: Int = try $0["half"] },
        Mismatch(testDescription: "bytes as text") { let _: String = try $0["bytes"] },
        Mismatch(testDescription: "an integer beyond 32 bits") { let _: Int32 = try $0["large"] },
        Mismatch(testDescription: "2 as a Boolean") { let _: Bool = try $0["two"] },
        Mismatch(testDescription: "a column that is missing") { let _: String? = try $0["missing"] },
    ]

    private static let query = """
        SELECT NULL AS absent, 'secret' AS word, 9223372036854775807 AS large, 0.5::float8 AS half,
            '\\x00ff'::bytea AS bytes, 2 AS two, 1::int2 AS one, ''::bytea AS empty, '' AS blank, true AS yes, false AS no,
            0.25::float4 AS quarter, 4294967295::oid AS identifier, 'x'::"char" AS letter, 'n'::name AS label
        """

    @Test("A value of another type, NULL and a missing column throw without the value")
    func wrongType() async throws {
        try await withPostgreSQL { database, _ in
            let row = try #require(try await database.read { try $0.row(Self.query) })
            for mismatch in Self.mismatches {
                let error = #expect(throws: DatabaseError.self, "\(mismatch.testDescription)") {
                    try mismatch.read(row)
                }
                #expect(error?.code == .invalidColumn)
                #expect(error?.description.contains("secret") == false)
                #expect(error?.description.contains("922") == false)
            }
        }
    }

    @Test(
        "A type without a counterpart throws, whatever is asked for",
        arguments: ["1.5", "now()", "'{}'::json", "ARRAY[1]"])
    func unknownType(_ value: String) async throws {
        try await withPostgreSQL { database, _ in
            let error = await #expect(throws: DatabaseError.self) { try await database.number("SELECT \(value) AS a") }
            #expect(error?.code == .invalidColumn)
            #expect(error?.message.contains("column a") == true)
        }
    }

    @Test("Values of the right type are read, also NULL as an optional")
    func values() async throws {
        try await withPostgreSQL { database, _ in
            let row = try #require(try await database.read { try $0.row(Self.query) })
            #expect(try row["absent"] as String? == nil)
            #expect(try row["absent"] as Int64? == nil)
            #expect(try row["word"] as String? == "secret")
            #expect(try row["large"] as Int64 == .max)
            #expect(try row["half"] as SQLValue == .real(0.5))
            #expect(try row["quarter"] as SQLValue == .real(0.25))
            #expect(try row["bytes"] as [UInt8] == [0, 255])
            #expect(try row["empty"] as [UInt8]? == [])
            #expect(try row["blank"] as String == "")
            #expect(try row["one"] as Bool)
            #expect(try row["yes"] as Bool)
            #expect(try row["no"] as Bool == false)
            #expect(try row["two"] as Int32 == 2)
            #expect(try row["identifier"] as Int == 4_294_967_295)
            #expect(try row["letter"] as String == "x")
            #expect(try row["label"] as String == "n")
        }
    }

    @Test(
        "What is bound comes back unchanged, also zeros, empty values and the largest numbers",
        arguments: PostgreSQLServer.Route.allCases)
    func binding(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, _ in
            try await database.run("CREATE TABLE t (a bigint, b text, c bytea, d bigint, e text, f float8)")
            for word in ["", "a'b?\\$1", "日本語", "e\u{301}", String(repeating: "x", count: 1_000_000)] {
                try await database.write {
                    try $0.execute("DELETE FROM t")
                    try $0.execute(
                        "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)",
                        [Int64.min, word, [0] + Array(word.utf8), true, nil as String?, SQLValue.real(-0.1)])
                }
                let row = try #require(
                    try await database.read { try $0.row("SELECT *, '?' AS mark FROM t WHERE b = ?", [word]) })
                #expect(try row["a"] as Int64 == .min)
                #expect(Array((try row["b"] as String).utf8) == Array(word.utf8))
                #expect(try row["c"] as [UInt8] == [0] + Array(word.utf8))
                #expect(try row["d"] as Bool)
                #expect(try row["e"] as String? == nil)
                #expect(try row["f"] as SQLValue == .real(-0.1))
                #expect(try row["mark"] as String == "?")
            }
        }
    }

    @Test("A value that does not fit its column, or text with a zero byte, throws without the value")
    func misfit() async throws {
        try await withPostgreSQL { database, _ in
            try await database.run("CREATE TABLE t (a smallint, b text)")
            for (column, value) in [("a", 31_337_000 as any SQLConvertible), ("b", "31337\u{0}")] {
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { try $0.execute("INSERT INTO t (\(column)) VALUES (?)", [value]) }
                }
                #expect(error?.code == .constraint)
                #expect(error?.description.contains("31337") == false)
            }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.read { try $0.rows("SELECT ?::bigint", ["31337x"]) }
            }
            #expect(error?.code == .constraint)
            #expect(error?.description.contains("31337") == false)
        }
    }
}
#endif
