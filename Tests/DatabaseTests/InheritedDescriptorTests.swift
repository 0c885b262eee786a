import Database
import SystemPackage
import TestSupport
import Testing

@Suite("Programs started beside a database", .timeLimit(.minutes(5)))
struct InheritedDescriptorTests {
    @Test("A program that is started during transactions inherits no descriptor of the database")
    func startedDuringTransactions() async throws {
        try await withDatabase { database, _, folder in
            try await database.run("CREATE TABLE t (a)")
            let isDone = StopFlag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !isDone.isSet {
                        try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
                    }
                }
                for _ in 1...20 {
                    let ending = try await BuiltProgram("/bin/ls")
                        .run(["-l", "/proc/self/fd"], environment: [:], in: folder.path)
                    #expect(ending.status == 0)
                    #expect(!ending.text.contains(folder.path.string), "\(ending.text)")
                }
                isDone.set()
                try await group.waitForAll()
            }
            // Nor did their end release a lock or leave a journal to recover.
            #expect(try await database.read { try $0.integrityProblems(.full) } == [])
        }
    }
}
