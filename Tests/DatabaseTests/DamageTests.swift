import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Database

@Suite("Files that cannot be used give an error and never a crash", .timeLimit(.minutes(5)))
struct DamageTests {
    /// A file that is not opened.
    struct Unusable: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: DatabaseError.Code
        let make: @Sendable (TemporaryFolder) throws -> Void
    }

    static let unusable: [Unusable] = [
        Unusable(testDescription: "a missing file", code: .cannotOpen) { _ in },
        Unusable(testDescription: "a directory", code: .cannotOpen) { mkdir($0.appending("y").string, 0o700) },
        Unusable(testDescription: "a symbolic link", code: .cannotOpen) {
            try $0.write([], to: "z")
            symlink("z", $0.appending("y").string)
        },
        Unusable(testDescription: "a text", code: .notADatabase) {
            try $0.write(Array(String(repeating: "hello ", count: 500).utf8), to: "y")
        },
    ]

    @Test("A file that is missing, a link, or not a database is refused and left as it is", arguments: unusable)
    func unusableFiles(_ unusable: Unusable) async throws {
        try await withTemporaryFolder { folder in
            try unusable.make(folder)
            let names = try folder.names()
            let error = await #expect(throws: DatabaseError.self) {
                try await DatabaseFile(folder.appending("y")).open { try _ = $0.schemaState() }
            }
            #expect(error?.code == unusable.code, "\(String(describing: error))")
            #expect(try folder.names() == names)
        }
    }

    @Test("When the check before opening throws, the file stays as it is, byte for byte")
    func refusedFile() async throws {
        try await withDatabase { database, file, folder in
            try await database.run("CREATE TABLE t (a)")
            await database.close()
            let before = try folder.read("x.sqlite")
            await #expect(throws: CancellationError.self) { try await file.open { _ in throw CancellationError() } }
            #expect(try folder.read("x.sqlite") == before)
        }
    }

    @Test("A full disk is an error, keeps what was committed, and the next small write works")
    func fullDisk() async throws {
        try await withDatabase { database, _, _ in
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES ('kept')")
            try await database.run("PRAGMA max_page_count = 4")
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write {
                    try $0.execute("INSERT INTO t VALUES (?)", [[UInt8](repeating: 1, count: 99_999)])
                }
            }
            #expect(error?.code == .full)
            #expect(try await database.number("SELECT count(*) FROM t") == 1)
            try await database.run("INSERT INTO t VALUES ('small')")
            #expect(try await database.number("SELECT count(*) FROM t") == 2)
        }
    }

    @Test("A file cut short is damaged, at whatever length")
    func cutFile() async throws {
        try await withFilledFile { file, folder, sound in
            for length in stride(from: 4096, to: sound.count, by: 1000) {
                try folder.write(Array(sound[..<length]), to: "x.sqlite")
                let error = await #expect(throws: DatabaseError.self) { try await file.open() }
                #expect(error?.code == .corrupt)
            }
        }
    }

    @Test("Changed bytes give an error or a result, and never a crash", arguments: [UInt8(0x01), 0x0d, 0x55, 0xff])
    func changedBytes(_ mask: UInt8) async throws {
        try await withFilledFile { file, folder, sound in
            var errors = 0
            for position in stride(from: Int(mask) % 7, to: sound.count, by: 23) {
                var bytes = sound
                bytes[position] ^= mask
                try folder.write(bytes, to: "x.sqlite")
                do {
                    let database = try await file.open { try _ = $0.schemaState() }
                    try await database.read { connection in
                        _ = try connection.integrityProblems(.full)
                        for row in try connection.rows("SELECT * FROM t JOIN u ON u.word = t.word") {
                            let _: (Int64, String, [UInt8]?) = (try row["id"], try row["word"], try row["bytes"])
                        }
                    }
                    try await database.run("UPDATE t SET id = id + 100; DELETE FROM u WHERE word > 'm'")
                } catch is DatabaseError {
                    errors += 1
                }
            }
            #expect(errors > 0)
        }
    }

    @Test("A directory that is a link is followed")
    func linkedDirectory() async throws {
        try await withDatabase { _, _, folder in
            symlink(folder.path.string, folder.appending("linked").string)
            let database = try await DatabaseFile(folder.appending("linked").appending("x.sqlite")).open()
            #expect(try await database.number("SELECT 1") == 1)
        }
    }

    /// Runs a body with a file of two tables and an index, closed, and its bytes.
    private func withFilledFile(
        _ body: (DatabaseFile, TemporaryFolder, [UInt8]) async throws -> Void
    ) async throws {
        try await withDatabase { database, file, folder in
            try await database.run(
                """
                CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT NOT NULL, bytes BLOB) STRICT;
                CREATE TABLE u (word TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
                CREATE INDEX t_word ON t (word);
                """)
            try await database.write { connection in
                for number in 0..<40 {
                    let word = "word \(number)"
                    try connection.execute(
                        "INSERT INTO t (word, bytes) VALUES (?, ?)", [word, [UInt8](repeating: 7, count: number * 4)])
                    try connection.execute("INSERT INTO u VALUES (?)", [word])
                }
            }
            await database.close()
            try await body(file, folder, try folder.read("x.sqlite"))
        }
    }
}
