import FoundationEssentials
import Glibc
import LarkAPI
import NIOCore
import PosixFiles
import Synchronization
import SystemPackage
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("The audit log", .timeLimit(.minutes(5)))
struct AuditLogTests {
    @Test("After it is reopened, lines go to a new file, and none is lost")
    func reopen() async throws {
        try await withTemporaryFolder { folder in
            let file = try AuditFile(folder.appending("audit"))
            defer { file.close() }
            try file.append("1\n")
            try FileManager.default.moveItem(
                atPath: folder.appending("audit").string, toPath: folder.appending("audit.1").string)
            try file.append("2\n")
            try file.reopen()
            try file.append("3\n")
            #expect(String(decoding: try folder.read("audit.1"), as: UTF8.self) == "1\n2\n")
            #expect(String(decoding: try folder.read("audit"), as: UTF8.self) == "3\n")
        }
    }

    @Test("A file that cannot be reopened leaves the open one in use")
    func reopenFails() async throws {
        try await withTemporaryFolder { folder in
            let directory = folder.appending("logs")
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: false)
            let file = try AuditFile(directory.appending("audit"))
            defer { file.close() }
            try FileManager.default.moveItem(atPath: directory.string, toPath: folder.appending("old").string)
            #expect(throws: Errno.noSuchFileOrDirectory) { try file.reopen() }
            try file.append("1\n")
            #expect(String(decoding: try folder.read("old/audit"), as: UTF8.self) == "1\n")
        }
    }

    @Test("After a write that failed the next line starts on a new line")
    func torn() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("audit")
            try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: "/dev/full")
            let file = try AuditFile(path)
            defer { file.close() }
            #expect(throws: Errno.noSpace) { try file.append("1\n") }
            try FileManager.default.removeItem(atPath: path.string)
            // A part of the line may be in the file that is opened now.
            try folder.write(Array("1".utf8), to: "audit")
            try file.reopen()
            for line in ["2\n", "3\n"] { try file.append(line) }
            #expect(String(decoding: try folder.read("audit"), as: UTF8.self) == "1\n2\n3\n")
        }
    }

    @Test("A FIFO without a reader is an error, and does not block the start")
    func fifo() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("fifo")
            try #require(mkfifo(path.string, 0o600) == 0)
            #expect(throws: Errno.noSuchAddressOrDevice) { try AuditFile(path) }
        }
    }

    @Test("Notices are one line a second for each address, with the number of those left out")
    func notices() async throws {
        let (lines, clock) = (AuditLines(), TestClocks())
        let log = lines.log
        func note(_ result: String, from address: String) async {
            await log.note(AuditLog.Entry(audit: "request", result: result, address: address), at: clock.now)
        }
        for _ in 1...5 { await note("unauthorized", from: "10.0.0.1") }
        await note("wrong_host", from: "10.0.0.2")
        #expect(lines.all.count == 2)
        clock.advance(1)
        await log.writePendingNotices(at: clock.now)
        #expect(lines.all.count == 3)
        #expect(lines.all.last?.contains(#""count":4"#) == true)
        await note("locked_out", from: "10.0.0.1")
        clock.advance(2)
        await note("locked_out", from: "10.0.0.1")
        #expect(lines.all.count == 4)
        #expect(lines.all.last?.contains(#""count":2"#) == true)
        for _ in 1...2 {
            clock.advance(1)
            await log.writePendingNotices(at: clock.now)
        }
        #expect(lines.all.count == 4)
    }

    @Test("The line in the audit log comes before the token, holds no secret, and without it there is no token")
    func audit() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                #expect(try await client.send().status == 200)
                _ = try await client.send("POST", "/v1/tenants/globex/token")
                let lines = fixture.audit.all
                #expect(lines.count == 2)
                #expect(lines.first?.contains(#""result":"given","tenant":"acme","who":"client reports""#) == true)
                #expect(lines.last?.contains(#""result":"unknown_tenant","tenant":"globex""#) == true)
                #expect(!lines.joined().contains("t-cli") && !lines.joined().contains(fixture.secret.revealedText))
                fixture.audit.fill()
                for _ in 1...2 {
                    let answer = try await client.send()
                    #expect(answer.status == 500)
                    #expect(!answer.body.contains("t-cli"))
                }
            }
        }
    }

    @Test("An audit log that takes no lines for a while gives 503, which clients repeat")
    func stalled() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing(audit: AuditLog { _ in throw Errno.resourceTemporarilyUnavailable }) { client in
                let response = try await client.send()
                #expect(response.status == 503)
                #expect(response.body.contains(#""retryable":true"#) && !response.body.contains("t-cli"))
            }
        }
    }

    @Test("An audit log that is slow holds up tokens, and nothing else")
    func slowAudit() async throws {
        try await withServiceFixture { fixture in
            let gate = try FileDescriptor.pipe()
            let blocked = Mutex(0)
            let audit = AuditLog { _ in
                blocked.withLock { $0 += 1 }
                // Ends when the other side is closed.
                _ = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try gate.readEnd.read(into: $0) }
            }
            try await fixture.routing(audit: audit) { client in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 1...8 { group.addTask { try await client.send().status } }
                    try await eventually { blocked.withLock { $0 } > 0 }
                    for _ in 1...20 { #expect(try await client.send("GET", "/healthz", body: nil).status == 200) }
                    try gate.writeEnd.close()
                    for try await status in group { #expect(status == 200) }
                }
            }
            try gate.readEnd.close()
        }
    }

    @Test("Lines that arrive during a write share the next one, in their order; if it fails, all of them fail")
    func sharedWrite() async throws {
        let gate = try FileDescriptor.pipe()
        let writes = Mutex<[String]>([])
        let writer = AuditWriter { lines in
            let count = writes.withLock { writes in
                writes.append(lines)
                return writes.count
            }
            // The first write ends when the other side is closed; the second fails.
            if count == 1 {
                _ = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try gate.readEnd.read(into: $0) }
            }
            if count == 2 { throw Errno.noSpace }
        }
        let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
            @Sendable func fails(_ line: String) async -> Bool {
                do {
                    try await writer.append(line)
                    return false
                } catch {
                    return true
                }
            }
            group.addTask { await fails("1\n") }
            try await eventually { writes.withLock { $0.count } == 1 }
            for _ in 2...4 { group.addTask { await fails("2\n") } }
            try await eventually { writer.queuedLines == 3 }
            try gate.writeEnd.close()
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        try gate.readEnd.close()
        #expect(failures == 3)
        #expect(writes.withLock { $0 } == ["1\n", "2\n2\n2\n"])
        try await writer.append("3\n")
        #expect(writes.withLock { $0 }.last == "3\n")
    }

    @Test("One write has no more than a pipe that is ready takes at once, unless a line alone is longer")
    func writeSize() async throws {
        let gate = try FileDescriptor.pipe()
        let sizes = Mutex<[Int]>([])
        let writer = AuditWriter { lines in
            let isFirst = sizes.withLock { sizes in
                sizes.append(lines.utf8.count)
                return sizes.count == 1
            }
            if isFirst {
                _ = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try gate.readEnd.read(into: $0) }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await writer.append("first\n") }
            try await eventually { sizes.withLock { $0.count } == 1 }
            for (number, size) in ([1500, 1500, 1500, 5000, 10] as [Int]).enumerated() {
                group.addTask { try await writer.append(String(repeating: "x", count: size)) }
                try await eventually { writer.queuedLines == number + 1 }
            }
            try gate.writeEnd.close()
            try await group.waitForAll()
        }
        try gate.readEnd.close()
        #expect(sizes.withLock { $0 } == [6, 3000, 1500, 5000, 10])
    }

    @Test("Refused requests, rejections of other tenants' tokens, pauses and tickets leave a line")
    func refusals() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                func last() -> String {
                    // The next notice is written at once.
                    fixture.clock.advance(2)
                    return fixture.audit.all.last ?? ""
                }
                _ = try await client.send(secret: "wrong")
                #expect(last().contains(#""audit":"request","result":"unauthorized""#))
                _ = try await client.send(fields: [("Origin", "null")])
                #expect(last().contains(#""result":"forbidden""#))
                _ = try await client.send(fields: [("Host", "evil.example")])
                #expect(last().contains(#""result":"wrong_host""#))
                _ = try await client.send(
                    "POST", "/v1/tenants/globex/token/reject", body: #"{"tenant_access_token":"t-x"}"#)
                #expect(last().contains(#""audit":"reject","result":"unknown_tenant","tenant":"globex""#))
                _ = try await client.send(
                    "POST", "/v1/tenants/acme/quota", body: #"{"api":"im/v1/images","count":0,"pause_ms":3600000}"#)
                #expect(last().contains(#""audit":"pause","result":"60000 ms","tenant":"acme""#))
                for _ in 1...11 { _ = try await client.send(secret: "wrong") }
                #expect(last().contains(#""result":"unauthorized""#))
                _ = try await client.send(secret: "wrong")
                #expect(last().contains(#""count":11"#) && last().contains(#""result":"locked_out""#))
            }
        }
    }
}
