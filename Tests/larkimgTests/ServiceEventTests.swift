import FoundationEssentials
import LarkEmulator
import TestSupport
import Testing

@Suite("Events that reach the service", .timeLimit(.minutes(10)))
struct ServiceEventTests {
    @Test("Whatever is wrong with an event, it is refused with one and the same response, and changes nothing")
    func forged() async throws {
        try await withShop { cli in
            let secret = try await cli.addClient("script", tenants: "globex")
            let ending = try await cli.servingOnPort { service, port in
                let ticket = try await takeTicket(cli, service)
                let before = try await cli.larkimg("app", "show", "shop", "--json").text
                let host = "127.0.0.1:\(port)"
                let responses = try await RawConnection.open(.port(port)) { connection in
                    var responses: [(name: String, response: RawResponse)] = []
                    for event in ForgedEvent.all {
                        try await connection.send(try event.make().request(host: host).bytes)
                        responses.append((event.name, try await connection.response().withoutDate))
                    }
                    return responses
                }
                let usual = try #require(responses.first).response
                #expect(usual.status == 400)
                for (name, response) in responses { #expect(response == usual, "\(name)") }
                #expect(try await cli.larkimg("app", "show", "shop", "--json").text == before)
                let request = RawRequest.token("globex", host: host, secret: secret).last
                let capture = try await RawConnection.exchange(request.bytes, with: .port(port))
                #expect(capture.responses.map(\.status) == [200], "\(capture.text)")
                let used = cli.emulator.journal.filter { $0.api == .appAccessToken }.compactMap(\.body)
                #expect(used.count == 1 && used[0].contains(ticket))
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("Challenges are answered, signed or not; an event that was there before, or is older, changes nothing")
    func late() async throws {
        try await withShop { cli in
            let ending = try await cli.servingOnPort { service, port in
                let ticket = try await takeTicket(cli, service)
                func response(to post: EventPost) async throws -> RawResponse {
                    let request = post.request(host: "127.0.0.1:\(port)").last
                    let capture = try await RawConnection.exchange(request.bytes, with: .port(port))
                    return try #require(capture.responses.first, "\(capture.text)")
                }
                let word = #"a \"challenge\" of \\ and é"#
                let challenge = try EventPost(sealing: EventPost.challenge(word))
                for post in [challenge, challenge.unsigned] {
                    let response = try await response(to: post)
                    #expect(response.status == 200)
                    #expect(try JSON.object(response.text) == ["challenge": .string(#"a "challenge" of \ and é"#)])
                }
                let text = EventPost.ticket("\"\(ticket)\"")
                let first = try EventPost(sealing: text)
                #expect(try await response(to: first).status == 200)
                let before = try await cli.larkimg("app", "show", "shop", "--json").text
                let other = EventPost.ticket().replacing("\"app_ticket\"}", with: "\"contact_changed\"}")
                let posts = [
                    first, try EventPost(sealing: text), try EventPost(sealing: EventPost.ticket(age: 3600)),
                    try EventPost(sealing: other),
                ]
                for post in posts {
                    #expect(try await response(to: post).status == 200)
                    #expect(try await cli.larkimg("app", "show", "shop", "--json").text == before)
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("A flood of unsigned challenges writes nothing to the disk and leaves the store as it was")
    func flood() async throws {
        try await withShop { cli in
            let ending = try await cli.servingOnPort { service, port in
                let host = "127.0.0.1:\(port)"
                let challenges = [
                    try EventPost(sealing: EventPost.challenge()).unsigned,
                    try EventPost(sealing: EventPost.challenge(token: "another")).unsigned,
                    EventPost(Array(EventPost.challenge().utf8)).unsigned,
                ]
                let written = try diskWrites(of: service.pid)
                let before = try cli.folder.read("home/store.sqlite")
                try await RawConnection.open(.port(port)) { connection in
                    for number in 0..<1000 * TestLength.factor {
                        try await connection.send(challenges[number % 3].request(host: host).bytes)
                        // Of many from one address the service may reject the rest.
                        let status = try await connection.response().status
                        #expect([200, 400, 429].contains(status))
                    }
                }
                #expect(try diskWrites(of: service.pid) == written)
                #expect(try cli.folder.read("home/store.sqlite") == before)
                let health = try await RawConnection.exchange(
                    RawRequest.get("/healthz", host: host).last.bytes, with: .port(port))
                #expect(health.responses.map(\.status) == [200])
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    /// How many bytes a process has written to disks.
    private func diskWrites(of process: Int32) throws -> String {
        let counts = try String(contentsOfFile: "/proc/\(process)/io", encoding: .utf8).split(separator: "\n")
        return try String(#require(counts.first { $0.hasPrefix("write_bytes") }))
    }

    /// Lets the platform push its challenge and an app_ticket, and returns the ticket.
    private func takeTicket(_ cli: CLIHarness, _ service: CLIHarness.Service) async throws -> String {
        cli.emulator.setEventsURL("\(service.url)/events/shop")
        try await eventually {
            cli.emulator.pushes.count { $0.deliveries.contains { $0.succeeded } } >= 2
        }
        cli.emulator.setEventsURL(nil)
        return try #require(cli.emulator.appTicket(appID: CLIHarness.shop))
    }
}
