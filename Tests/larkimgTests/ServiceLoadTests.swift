import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("Clients that send without end, or hold connections, cost others nothing", .timeLimit(.minutes(10)))
struct ServiceLoadTests {
    private static let gigabyte = 1 << 30

    /// A body that is too large.
    struct Body: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let line: String
        let piece: [UInt8]

        static let all = [
            Body(
                testDescription: "1 GB", line: "Content-Length: \(gigabyte)",
                piece: Array(repeating: 0x20, count: 1 << 16)),
            Body(
                testDescription: "chunks without end", line: "Transfer-Encoding: chunked",
                piece: Array("10000\r\n".utf8) + Array(repeating: 0x20, count: 1 << 16) + Array("\r\n".utf8)),
        ]
    }

    @Test("A body that is too large is refused with 413, and the memory stays as it was", arguments: Body.all)
    func bodies(_ body: Body) async throws {
        try await withCLI { cli in
            let secret = try await cli.addClient("script", tenants: "acme")
            let ending = try await cli.servingOnPort { service, port in
                let good = RawRequest.token("acme", host: "127.0.0.1:\(port)", secret: secret).last
                for _ in 1...100 { _ = try await RawConnection.exchange(good.bytes, with: .port(port)) }
                let before = try memory("VmRSS", of: service.pid)
                try forgetPeak(of: service.pid)
                for target in ["/v1/tenants/acme/token", "/v1/tenants/acme/quota", "/events/shop", "/nowhere"] {
                    var request = RawRequest.token("acme", host: "127.0.0.1:\(port)", secret: secret)
                    request.target = target
                    request.body = nil
                    request.fields = [body.line]
                    let capture = try await pour(body.piece, after: request.bytes, to: port)
                    let closed = try #require(capture, "\(target): the connection stayed open")
                    let status = closed.responses.first?.status
                    let statuses = target == "/nowhere" ? [404, 413, nil] : [413, nil]
                    #expect(statuses.contains(status), "\(target): \(closed.text)")
                }
                let growth = try memory("VmHWM", of: service.pid) - before
                #expect(growth < 20 << 20, "the memory grew by \(growth) bytes")
                let after = try await RawConnection.exchange(good.bytes, with: .port(port))
                #expect(after.responses.map(\.status) == [200])
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    /// Sends pieces until the server closes the connection, or until a gigabyte is sent, which is nil.
    private func pour(_ piece: [UInt8], after head: [UInt8], to port: Int) async throws -> RawConnection.Capture? {
        try await RawConnection.open(.port(port)) { connection in
            do {
                try await connection.send(head)
                for _ in 0..<Self.gigabyte / (1 << 16) { try await connection.send(piece) }
                return nil
            } catch {
                return await connection.readToEnd()
            }
        }
    }

    /// Bytes of memory: `VmRSS` is what is in use, `VmHWM` the most since ``forgetPeak(of:)``.
    private func memory(_ name: String, of pid: Int32) throws -> Int {
        let lines = String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(pid)/status")), as: UTF8.self)
            .split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("\(name):") })
        return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }) * 1024
    }

    private func forgetPeak(of pid: Int32) throws {
        let file = try FileDescriptor.open(FilePath("/proc/\(pid)/clear_refs"), .writeOnly)
        try file.closeAfter { _ = try file.writeAll(Array("5\n".utf8)) }
    }

    /// How a slow client behaves after what it sends first.
    private enum Slowness: CaseIterable {
        case silent, dripsHead, dripsBody

        func beginning(_ request: RawRequest) -> [UInt8] {
            switch self {
            case .silent: []
            case .dripsHead: Array(request.text.prefix(while: { $0 != "{" }).dropLast().utf8) + Array("X-Slow: ".utf8)
            case .dripsBody:
                Array(request.text.replacing("Content-Length: 2", with: "Content-Length: 1000").dropLast(2).utf8)
            }
        }
    }

    @Test("Idle and slow connections are cut, and requests beside them are answered")
    func slowConnections() async throws {
        let count = min(200 * TestLength.factor, 1000)
        try await withCLI { cli in
            let quick = try await cli.addClient("quick", tenants: "acme")
            let slow = try await cli.addClient("slow", tenants: "acme")
            let ending = try await cli.servingOnPort { service, port in
                let host = "127.0.0.1:\(port)"
                let request = RawRequest.token("acme", host: host, secret: slow)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<count {
                        let slowness = Slowness.allCases[number % 3]
                        group.addTask {
                            // One address may have an eighth of all connections.
                            let source = "127.4.0.\(number % 4 + 1)"
                            try await RawConnection.open(.port(port), from: source) { connection in
                                try? await connection.send(slowness.beginning(request))
                                if slowness != .silent { await connection.drip(0x78) }
                                // Returns when the service has cut the connection.
                                _ = await connection.readToEnd()
                            }
                        }
                    }
                    try await eventually { try sockets(of: service.pid) >= count }
                    for _ in 1...100 {
                        let good = RawRequest.token("acme", host: host, secret: quick).last
                        let capture = try await RawConnection.exchange(good.bytes, with: .port(port))
                        #expect(capture.responses.map(\.status) == [200])
                    }
                    try await group.waitForAll()
                }
                try await eventually { try sockets(of: service.pid) < 20 }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    /// How many sockets a process has open.
    private func sockets(of pid: Int32) throws -> Int {
        let folder = "/proc/\(pid)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            // Descriptors are closed while we look.
            .count {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasPrefix("socket:")
                    == true
            }
    }
}
