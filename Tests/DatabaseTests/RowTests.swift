import Database
import Testing

@Suite("Columns have the type that is asked for, or the read throws")
struct RowTests {
    /// A value of a type that is not the column's.
    struct Mismatch: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let read: @Sendable (SQLRow) throws -> Void
    }

    static let mismatches: [Mismatch] = [
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
        SELECT NULL AS absent, 'secret' AS word, 9223372036854775807 AS large, 0.5 AS half, x'00ff' AS bytes,
            2 AS two, 1 AS one, x'' AS empty, '' AS blank
        """

    @Test("A value of another type, NULL and a missing column throw an error without the value", arguments: mismatches)
    func wrongType(_ mismatch: Mismatch) async throws {
        try await withDatabase { database, _, _ in
            let row = try #require(try await database.read { try $0.row(Self.query) })
            let error = #expect(throws: DatabaseError.self) { try mismatch.read(row) }
            #expect(error?.code == .invalidColumn)
            #expect(error?.description.contains("secret") == false)
            #expect(error?.description.contains("922") == false)
        }
    }

    @Test("Stored text that is not UTF-8 throws instead of becoming another text")
    func invalidText() async throws {
        try await withDatabase { database, _, _ in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.read { try $0.row("SELECT CAST(x'41ff' AS TEXT) AS word") }
            }
            #expect(error?.code == .invalidColumn)
        }
    }

    @Test("Values of the right type are read, also NULL as an optional")
    func values() async throws {
        try await withDatabase { database, _, _ in
            let row = try #require(try await database.read { try $0.row(Self.query) })
            #expect(try row["absent"] as String? == nil)
            #expect(try row["absent"] as Int64? == nil)
            #expect(try row["word"] as String? == "secret")
            #expect(try row["large"] as Int64 == .max)
            #expect(try row["bytes"] as [UInt8] == [0, 255])
            #expect(try row["empty"] as [UInt8]? == [])
            #expect(try row["blank"] as String == "")
            #expect(try row["one"] as Bool)
            #expect(try row["two"] as Int32 == 2)
        }
    }

    @Test("What is bound comes back unchanged, also zeros, empty values and the largest numbers")
    func binding() async throws {
        try await withDatabase { database, _, _ in
            try await database.run("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d INTEGER, e TEXT) STRICT")
            let words = ["", "a\u{0}b", "日本語", "e\u{301}", String(repeating: "x", count: 10_000)]
            for word in words {
                try await database.write {
                    try $0.execute("DELETE FROM t")
                    try $0.execute(
                        "INSERT INTO t VALUES (?, ?, ?, ?, ?)",
                        [Int64.min, word, Array(word.utf8), true, nil as String?])
                }
                let row = try #require(try await database.read { try $0.row("SELECT * FROM t") })
                #expect(try row["a"] as Int64 == .min)
                #expect(Array((try row["b"] as String).utf8) == Array(word.utf8))
                #expect(try row["c"] as [UInt8] == Array(word.utf8))
                #expect(try row["d"] as Bool)
                #expect(try row["e"] as String? == nil)
            }
        }
    }
}
