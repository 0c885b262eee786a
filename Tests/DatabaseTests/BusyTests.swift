import SystemPackage
import TestSupport
import Testing

@testable import Database

@Suite("A lock that another connection holds", .timeLimit(.minutes(5)))
struct BusyTests {
    @Test("A writer and a reader stop waiting when their time is over, and work once the lock is free")
    func timeout() async throws {
        try await withDatabase(busyTimeout: .milliseconds(30)) { database, file, _ in
            try await database.run("CREATE TABLE t (a)")
            let holder = try SQLiteConnection(file)
            try holder.executeScript("BEGIN EXCLUSIVE")
            let start = ContinuousClock.now
            for _ in 0..<2 {
                let writing = await #expect(throws: DatabaseError.self) { try await database.run("DELETE FROM t") }
                #expect(writing?.code == .busy)
                let reading = await #expect(throws: DatabaseError.self) { try await database.number("SELECT 1 FROM t") }
                #expect(reading?.code == .busy)
            }
            #expect(ContinuousClock.now - start >= .milliseconds(120))
            try holder.executeScript("COMMIT")
            try await database.run("INSERT INTO t VALUES (1)")
            #expect(try await database.number("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("A cancelled task does not wait for the lock")
    func cancelled() async throws {
        try await withDatabase(busyTimeout: .seconds(3600)) { database, file, _ in
            try await database.run("CREATE TABLE t (a)")
            let holder = try SQLiteConnection(file)
            try holder.executeScript("BEGIN EXCLUSIVE")
            for round in 0..<20 {
                let waiting = Task {
                    if round.isMultiple(of: 2) { return try await database.run("DELETE FROM t") }
                    _ = try await database.number("SELECT 1 FROM t")
                }
                for _ in 0..<round { await Task.yield() }
                waiting.cancel()
                await #expect(throws: CancellationError.self) { try await waiting.value }
            }
            try holder.executeScript("COMMIT")
            try await database.run("INSERT INTO t VALUES (1)")
        }
    }

    @Test("A writer that waits gets the lock as soon as it is free")
    func patience() async throws {
        try await withDatabase { database, file, _ in
            try await database.run("CREATE TABLE t (a)")
            let other = try await file.open()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for connection in [database, other] {
                    group.addTask {
                        for _ in 0..<200 { try await connection.run("INSERT INTO t VALUES (1)") }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.number("SELECT count(*) FROM t") == 400)
        }
    }

    @Test("Pauses are 5 to 25 ms by chance, end after the timeout, and start again with the next lock")
    func pauses() {
        var wait = BusyWait(timeout: .seconds(10))
        let start = ContinuousClock.now
        #expect(wait.pause(before: 0, now: start, random: 0) == .milliseconds(5))
        #expect(wait.pause(before: 1, now: start + .seconds(5), random: 0.5) == .milliseconds(15))
        #expect(wait.pause(before: 2, now: start + .seconds(9.9), random: 1) == .milliseconds(25))
        #expect(wait.pause(before: 3, now: start + .seconds(10), random: 0) == nil)
        #expect(wait.pause(before: 0, now: start + .seconds(11), random: 0) == .milliseconds(5))
        #expect(wait.pause(before: 1, now: start + .seconds(20), random: 0) == .milliseconds(5))
        #expect(wait.pause(before: 2, now: start + .seconds(21), random: 0) == nil)
    }
}
