import SystemPackage
import TestSupport
import Testing

@testable import Database

@Suite("Transactions commit as a whole or not at all", .timeLimit(.minutes(5)))
struct TransactionTests {
    private struct Failure: Error {}

    @Test("A body that throws leaves nothing behind, and the connection works on")
    func rollback() async throws {
        try await withDatabase { database, _, _ in
            try await database.run("CREATE TABLE t (a)")
            await #expect(throws: Failure.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO t VALUES (1)")
                    throw Failure()
                }
            }
            await #expect(throws: Failure.self) { try await database.read { _ in throw Failure() } }
            #expect(try await database.number("SELECT count(*) FROM t") == 0)
            try await database.run("INSERT INTO t VALUES (1)")
            #expect(try await database.number("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("A script that fails in its middle leaves nothing behind")
    func failingScript() async throws {
        try await withDatabase { database, _, _ in
            await #expect(throws: DatabaseError.self) {
                try await database.run("CREATE TABLE a (b); CREATE TABLE a (b)")
            }
            let isEmpty = try await database.read { try $0.schemaState().isEmpty }
            #expect(isEmpty)
        }
    }

    @Test("A transaction that reads cannot write")
    func readOnly() async throws {
        try await withDatabase { database, _, _ in
            try await database.run("CREATE TABLE t (a)")
            for sql in ["INSERT INTO t VALUES (1)", "DROP TABLE t", "PRAGMA user_version = 3"] {
                let error = await #expect(throws: DatabaseError.self) { try await database.read { try $0.rows(sql) } }
                #expect(error?.code == .readOnly)
            }
            await #expect(throws: DatabaseError.self) {
                try await database.read { try $0.executeScript("DROP TABLE t") }
            }
            #expect(try await database.number("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("A row that refers to a missing one is refused")
    func references() async throws {
        try await withDatabase { database, _, _ in
            try await database.run("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a (id))")
            let error = await #expect(throws: DatabaseError.self) { try await database.run("INSERT INTO b VALUES (1)") }
            #expect(error?.code == .constraint)
        }
    }

    @Test("A closed database throws, also when it is closed again")
    func closed() async throws {
        try await withDatabase { database, _, _ in
            await database.close()
            await database.close()
            let error = await #expect(throws: DatabaseError.self) { try await database.number("SELECT 1") }
            #expect(error?.code == .cannotOpen)
        }
    }

    @Test("A reader sees one snapshot, whatever others commit meanwhile")
    func snapshot() async throws {
        try await withDatabase { database, file, _ in
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            let reader = try SQLiteConnection(file)
            try reader.executeScript("BEGIN")
            #expect(try reader.value("SELECT count(*) FROM t") == 1)
            // In a rollback journal a writer waits for the readers before it commits.
            var impatient = file
            impatient.busyTimeout = .zero
            let other = try await impatient.open()
            let error = await #expect(throws: DatabaseError.self) { try await other.run("INSERT INTO t VALUES (2)") }
            #expect(error?.code == .busy)
            #expect(try reader.value("SELECT count(*) FROM t") == 1)
            try reader.executeScript("COMMIT")
            try await other.run("INSERT INTO t VALUES (2)")
            #expect(try reader.value("SELECT count(*) FROM t") == 2)
        }
    }

    @Test("The schema's state is what was set, and empty before")
    func schemaState() async throws {
        try await withDatabase { database, _, _ in
            let before = try await database.read { try $0.schemaState() }
            #expect(before == SchemaState(applicationID: 0, version: 0, isEmpty: true))
            try await database.write {
                try $0.executeScript("CREATE TABLE t (a)")
                try $0.setSchema(applicationID: .max, version: 7)
            }
            let after = try await database.read { try $0.schemaState() }
            #expect(after == SchemaState(applicationID: .max, version: 7, isEmpty: false))
        }
    }

    @Test("Ten thousand transactions beside another process's two thousand lose none and fail none")
    func besideAnotherProcess() async throws {
        try await withDatabase { database, file, folder in
            try await database.run(
                "CREATE TABLE t (who TEXT PRIMARY KEY, n INTEGER); INSERT INTO t VALUES ('us', 0), ('them', 0)")
            let script =
                ".timeout 60000\nPRAGMA synchronous = OFF;\nPRAGMA journal_mode = TRUNCATE;\n"
                + String(
                    repeating: "BEGIN IMMEDIATE; UPDATE t SET n = n + 1 WHERE who = 'them'; COMMIT;\n", count: 2_000)
            async let other = BuiltProgram("/usr/bin/sqlite3")
                .run([file.path.string], environment: [:], in: folder.path, input: script)
            for _ in 0..<5_000 {
                try await database.write { try $0.execute("UPDATE t SET n = n + 1 WHERE who = ?", ["us"]) }
                _ = try await database.read { try $0.row("SELECT n FROM t WHERE who = ?", ["them"]) }
            }
            let ending = try await other
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.errors.isEmpty)
            let counts: [Int] = try await database.read { try $0.values("SELECT n FROM t ORDER BY who") }
            #expect(counts == [2_000, 5_000])
        }
    }
}
