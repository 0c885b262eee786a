import HTTPTypes
import LarkAPI
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("Tokens from memory, on the event loop", .timeLimit(.minutes(5)))
struct CachedTokenHandlerTests {
    /// A connection whose requests the router would see, and the fixture behind it.
    private struct Connection {
        let fixture: ServiceFixture
        let channel: NIOAsyncTestingChannel
        let responder: CachedTokenResponder

        func send(_ parts: [HTTPRequestPart]) async throws {
            for part in parts { _ = try await channel.writeInbound(part) }
        }

        /// What went on to the router.
        func routed() async throws -> [HTTPRequestPart] {
            var parts: [HTTPRequestPart] = []
            while let part = try await channel.readInbound(as: HTTPRequestPart.self) { parts.append(part) }
            return parts
        }

        func response() async throws -> [HTTPResponsePart] {
            var parts: [HTTPResponsePart] = []
            for _ in 1...3 { parts.append(try await channel.waitForOutboundWrite(as: HTTPResponsePart.self)) }
            return parts
        }
    }

    /// Runs a body with a connection, after a request through the router has brought token and secret into memory.
    private func withConnection(
        audit: AuditLog? = nil, isWarm: Bool = true, _ body: (Connection) async throws -> Void
    ) async throws {
        try await withServiceFixture { fixture in
            let service = fixture.service(audit: audit)
            let responder = service.buildResponder(
                connections: ConnectionRegistry(limit: 8),
                refresher: TokenRefresher(service.provider, timing: service.timing) { _ in .lark })
            if isWarm {
                _ = try await responder.authenticator.client(
                    "Bearer \(fixture.secret.revealedText)", from: "", acceptsBasic: false)
                _ = try await responder.controller.tokens.token(for: fixture.acme, goodFor: .seconds(300))
            }
            let channel = try await NIOAsyncTestingChannel { channel in
                try channel.pipeline.syncOperations.addHandler(CachedTokenHandler(responder))
            }
            try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 80)).get()
            try await body(Connection(fixture: fixture, channel: channel, responder: responder))
            _ = try await channel.finish(acceptAlreadyClosed: true)
        }
    }

    /// A request for the token of `acme`, with what a test changes.
    private func request(
        _ fixture: ServiceFixture, body: String? = "{}", _ change: (inout HTTPRequest) -> Void = { _ in }
    ) -> [HTTPRequestPart] {
        var head = HTTPRequest(
            method: .post, scheme: "http", authority: "localhost", path: "/v1/tenants/acme/token",
            headerFields: [
                .contentType: "application/json", .authorization: "Bearer \(fixture.secret.revealedText)",
            ])
        change(&head)
        return [.head(head)] + (body.map { [.body(ByteBuffer(string: $0))] } ?? []) + [.end(nil)]
    }

    @Test("Without its line in the audit log there is no token: the request goes on to the router")
    func fullAudit() async throws {
        let lines = AuditLines()
        lines.fill()
        try await withConnection(audit: lines.log) { connection in
            let parts = request(connection.fixture)
            try await connection.send(parts)
            var routed: [HTTPRequestPart] = []
            while routed.count < parts.count { routed.append(try await connection.channel.waitForInboundWrite()) }
            #expect(routed == parts)
            #expect(try await connection.channel.readOutbound(as: HTTPResponsePart.self) == nil)
        }
    }

    /// What is not right with a request.
    enum Flaw: CaseIterable {
        case secret, noSecret, host, origin, method, path, query, escape, tenant, contentType, close, lifetime, json
        case noBody, longBody
    }

    @Test("A request that anything is wrong with goes on to the router as it came", arguments: Flaw.allCases)
    func untouched(_ flaw: Flaw) async throws {
        try await withConnection { connection in
            let fixture = connection.fixture
            let parts =
                switch flaw {
                case .secret: request(fixture) { $0.headerFields[.authorization] = "Bearer wrong" }
                case .noSecret: request(fixture) { $0.headerFields[.authorization] = nil }
                case .host: request(fixture) { $0.authority = "evil.example" }
                case .origin: request(fixture) { $0.headerFields[.origin] = "null" }
                case .method: request(fixture) { $0.method = .put }
                case .path: request(fixture) { $0.path = "/v1/tenants/acme/token/" }
                case .query: request(fixture) { $0.path = "/v1/tenants/acme/token?x" }
                case .escape: request(fixture) { $0.path = "/v1/tenants/acm%65/token" }
                case .tenant: request(fixture) { $0.path = "/v1/tenants/globex/token" }
                case .contentType: request(fixture) { $0.headerFields[.contentType] = "text/plain" }
                case .close: request(fixture) { $0.headerFields[.connection] = "close" }
                case .lifetime: request(fixture, body: #"{"min_ttl":9999}"#)
                case .json: request(fixture, body: "{")
                case .noBody: request(fixture, body: nil)
                case .longBody: request(fixture, body: #"{"a":""# + String(repeating: "x", count: 2000) + #""}"#)
                }
            try await connection.send(parts)
            #expect(try await connection.routed() == parts)
            #expect(fixture.audit.all.isEmpty)
        }
    }

    @Test("So does one whose token or secret is not in memory")
    func cold() async throws {
        try await withConnection(isWarm: false) { connection in
            let parts = request(connection.fixture)
            try await connection.send(parts)
            #expect(try await connection.routed() == parts)
        }
    }

    @Test("One that is in order is answered as the router answers it, with its line in the audit log")
    func answered() async throws {
        try await withConnection { connection in
            try await connection.send(request(connection.fixture))
            let response = try await connection.response()
            #expect(try await connection.routed().isEmpty)
            #expect(connection.fixture.audit.all.count == 1)
            try await connection.fixture.routing { client in
                let routed = try await client.send()
                guard case .head(let head)? = response.first, case .body(let body)? = response.dropFirst().first else {
                    return
                }
                #expect(head.status.code == routed.status)
                var fields = Dictionary(uniqueKeysWithValues: head.headerFields.map { ($0.name.rawName, $0.value) })
                #expect(fields["Date"]?.wholeMatch(of: /\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/) != nil)
                fields["Date"] = routed.fields["Date"]
                #expect(fields == routed.fields)
                let number = /cli_acme-\d/
                #expect(String(buffer: body).replacing(number, with: "") == routed.body.replacing(number, with: ""))
                let entry = #""audit":"token","result":"given","tenant":"acme","who":"client reports"}"#
                #expect(connection.fixture.audit.all.allSatisfy { $0.hasSuffix(entry + "\n") })
            }
        }
    }

    @Test("Requests and events that follow wait for the response")
    func order() async throws {
        try await withConnection { connection in
            let next: [HTTPRequestPart] = [
                .head(HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/healthz")), .end(nil),
            ]
            try await connection.send(request(connection.fixture) + request(connection.fixture) + next)
            for _ in 1...2 { #expect(try await connection.response().count == 3) }
            var routed: [HTTPRequestPart] = []
            while routed.count < next.count { routed.append(try await connection.channel.waitForInboundWrite()) }
            #expect(routed == next)
            #expect(connection.fixture.audit.all.count == 2)
        }
    }

    @Test("While the router has requests to answer, it gets the ones that follow as well")
    func routedFirst() async throws {
        try await withConnection { connection in
            let first: [HTTPRequestPart] = [
                .head(HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/healthz")), .end(nil),
            ]
            let token = request(connection.fixture)
            try await connection.send(first + token)
            #expect(try await connection.routed() == first + token)
            for _ in 1...2 {
                for part in [HTTPResponsePart.head(HTTPResponse(status: .ok)), .end(nil)] {
                    try await connection.channel.writeAndFlush(part)
                    #expect(try await connection.channel.waitForOutboundWrite(as: HTTPResponsePart.self) == part)
                }
            }
            try await connection.send(token)
            #expect(try await connection.response().count == 3)
            #expect(try await connection.routed().isEmpty)
        }
    }
}
