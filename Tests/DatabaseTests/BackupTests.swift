import Database
import SystemPackage
import TestSupport
import Testing

@Suite("A backup is one snapshot of the database", .timeLimit(.minutes(5)))
struct BackupTests {
    @Test("A backup that cannot be written is an error, and the database works on")
    func failingBackup() async throws {
        try await withDatabase { database, _, folder in
            try await database.run("CREATE TABLE t (a)")
            let error = await #expect(throws: DatabaseError.self) {
                try await database.backup(to: folder.appending("missing/copy"))
            }
            #expect(error?.code == .cannotOpen)
            try await database.run("INSERT INTO t VALUES (1)")
        }
    }

    @Test("Every backup while four others write is consistent: both tables hold the same number of rows")
    func underWrites() async throws {
        try await withDatabase { database, file, folder in
            try await database.run(
                "CREATE TABLE a (n INTEGER, filler BLOB); CREATE TABLE b (n INTEGER); PRAGMA user_version = 3")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...4 {
                    let other = try await file.open()
                    group.addTask {
                        for number in 1...75 * TestLength.factor {
                            try await other.write { connection in
                                try connection.execute("INSERT INTO a VALUES (?, zeroblob(3000))", [number])
                                try connection.execute("INSERT INTO b VALUES (?)", [number])
                            }
                        }
                    }
                }
                for number in 1...20 * TestLength.factor {
                    let path = try folder.write([], to: "copy-\(number)")
                    try await database.backup(to: path)
                    let copy = try await DatabaseFile(path).open()
                    let counts: [Int] = try await copy.read { connection in
                        let problems = try connection.integrityProblems(.full)
                        #expect(problems == [])
                        return try connection.values("SELECT count(*) FROM a UNION ALL SELECT count(*) FROM b")
                    }
                    #expect(counts.first == counts.last)
                    #expect(try await copy.read { try $0.schemaState().version } == 3)
                }
                try await group.waitForAll()
            }
        }
    }
}
