import TestSupport
import Testing

@Suite("Requests that no token may follow", .timeLimit(.minutes(10)))
struct ServiceRequestTests {
    /// Runs a service on a port with the tenants `acme` and `other`, of which clients may have the first.
    private func withSite(_ body: @escaping @Sendable (RefusedRequest.Site) async throws -> Void) async throws {
        try await withCLI { cli in
            try await cli.addTenant("other")
            let secret = try await cli.addClient("script", tenants: "acme")
            // By its own clock it was registered years ago, for an hour.
            let old = try await cli.larkimg(
                "client", "add", "expired", "--tenants", "acme", "--expires", "1h",
                wrapper: ["faketime", "-f", "@2020-01-01 00:00:00"])
            let expired = try #require(old.lines.first, "\(old.errors)")
            let revoked = try await cli.addClient("revoked", tenants: "acme")
            let change = try await cli.shell(
                """
                larkimg client remove revoked
                """)
            try #require(change.status == 0, "\(change.errors)")
            let ending = try await cli.servingOnPort { _, port in
                try await body(RefusedRequest.Site(port: port, secret: secret, expired: expired, revoked: revoked))
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("A request that is in order gets a token, whichever of its names the service is called by")
    func inOrder() async throws {
        try await withSite { site in
            for name in ["127.0.0.1", "localhost", "[::1]"] {
                var request = site.good.last
                request.host = "\(name):\(site.port)"
                let capture = try await RawConnection.exchange(request.bytes, with: .port(site.port))
                #expect(capture.responses.map(\.status) == [200], "\(name): \(capture.text)")
            }
        }
    }

    @Test(
        "One that is not is refused with its status, or the connection is closed",
        arguments: RefusedRequest.Kind.allCases)
    func refused(_ kind: RefusedRequest.Kind) async throws {
        try await withSite { site in
            let requests = kind.requests(site)
            let captures = try await withThrowingTaskGroup(of: (Int, RawConnection.Capture).self) { group in
                for (number, request) in requests.enumerated() {
                    group.addTask {
                        // Each from an address of its own: one that sends wrong secrets is not listened to.
                        let capture = try await RawConnection.exchange(
                            request.bytes, with: .port(site.port), from: "127.1.0.\(number + 1)")
                        return (number, capture)
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for (number, request) in requests.enumerated() {
                let capture = try #require(captures[number])
                #expect(!capture.text.contains("t-g1"), "\(request.name): a token")
                let status = capture.responses.first?.status
                #expect(request.statuses.contains(status), "\(request.name): \(capture.text.prefix(300))")
            }
            if kind == .secret {
                let bodies = captures.values.compactMap(\.responses.first).filter { $0.status == 401 }.map(\.text)
                #expect(Set(bodies).count == 1, "a refusal says what was wrong with the secret")
            }
            let after = try await RawConnection.exchange(site.good.last.bytes, with: .port(site.port))
            #expect(after.responses.map(\.status) == [200])
            for (number, request) in requests.enumerated() {
                try await sendAfterAnother(
                    request, to: site, from: "127.1.1.\(number + 1)", alone: captures[number]?.responses.first)
            }
        }
    }

    /// Sends a request behind one that is in order, on a connection that stays open: it must be refused all the same.
    private func sendAfterAnother(
        _ request: RefusedRequest, to site: RefusedRequest.Site, from address: String, alone: RawResponse?
    ) async throws {
        let text = String(decoding: request.bytes, as: UTF8.self)
        // Not for bytes that are no text.
        guard Array(text.utf8) == request.bytes else { return }
        let capture = try await RawConnection.open(.port(site.port), from: address) { connection in
            try? await connection.send(
                site.good.bytes + Array(text.replacing("Connection: close\r\n", with: "").utf8))
            try? await connection.finishSending()
            return await connection.readToEnd()
        }
        guard let second = capture.responses.dropFirst().first else { return }
        #expect(request.statuses.contains(second.status), "\(request.name): \(capture.text.prefix(600))")
        #expect(!second.text.contains("t-g1"), "\(request.name): a token")
        if second.status == alone?.status {
            #expect(second.text == alone?.text, "\(request.name)")
        }
    }

    @Test("A client that closes its sending side gets its response; one that does so within a request gets no token")
    func halfClosed() async throws {
        try await withSite { site in
            for (bytes, statuses) in [(site.good.bytes, [200]), (site.good.bytes.dropLast(), [400])] {
                let capture = try await RawConnection.open(.port(site.port)) { connection in
                    try await connection.send(Array(bytes))
                    try await connection.finishSending()
                    return await connection.readToEnd()
                }
                #expect(capture.responses.map(\.status) == statuses, "\(capture.text)")
            }
        }
    }

    @Test("After ten wrong secrets an address is refused with 429, and no other address is")
    func lockout() async throws {
        try await withSite { site in
            var request = site.good.last
            request.secret = "lkc_0"
            var statuses: [Int?] = []
            for _ in 1...12 {
                let capture = try await RawConnection.exchange(request.bytes, with: .port(site.port), from: "127.0.0.9")
                statuses.append(capture.responses.first?.status)
            }
            #expect(statuses == Array(repeating: 401, count: 10) + [429, 429])
            let other = try await RawConnection.exchange(site.good.last.bytes, with: .port(site.port))
            #expect(other.responses.map(\.status) == [200])
        }
    }
}
