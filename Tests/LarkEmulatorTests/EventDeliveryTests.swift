import Hummingbird
import LarkEmulator
import Testing

@Suite("Delivery of events", .timeLimit(.minutes(5)))
struct EventDeliveryTests {
    private func inEventWorld(
        encryptKey: String = "",
        _ body: (Emulator, PlatformClient, EventReceiver) async throws -> Void
    ) async throws {
        try await EventReceiver.run(encryptKey: encryptKey) { receiver, url in
            let configuration = configured { configuration in
                var app = EmulatedApp.store("cli_s", secret: "s")
                app.verificationToken = "vt"
                app.encryptKey = encryptKey
                configuration.apps = [app]
                configuration.eventsURL = url
                configuration.eventTimeouts = EventTimeouts(all: 600)
            }
            try await withPlatform(configuration) { emulator, client in
                // The challenge and the first ticket.
                await emulator.waitForDeliveries(count: 2)
                try await body(emulator, client, receiver)
            }
        }
    }

    @Test("The address is verified, then the first ticket comes")
    func firstTicket() async throws {
        try await inEventWorld { emulator, _, receiver in
            let events = receiver.events
            #expect(events.map { $0.json["type"] } == ["url_verification", "event_callback"])
            let ticket = try #require(events.last)
            #expect(ticket.headers["Content-Type"] == "application/json;charset=utf-8")
            #expect(ticket.headers["X-Lark-Signature"] == nil)
            #expect(ticket.json["token"] == "vt")
            #expect(ticket.json["event"]?["type"] == "app_ticket")
            #expect(ticket.json["event"]?["app_id"] == "cli_s")
            #expect(ticket.json["event"]?["app_ticket"]?.string == emulator.appTicket(appID: "cli_s"))
            #expect(ticket.json["event"]?["tenant_key"] == nil)
            #expect(!ticket.raw.contains(": ") && !ticket.raw.contains("\\/"))
        }
    }

    @Test("With an Encrypt Key events are encrypted and signed")
    func encrypted() async throws {
        try await inEventWorld(encryptKey: "k") { emulator, _, receiver in
            let event = try #require(receiver.events.last)
            #expect(event.raw.hasPrefix(#"{"encrypt":""#))
            #expect(event.json["event"]?["app_ticket"]?.string == emulator.appTicket(appID: "cli_s"))
            #expect(event.headers["X-Lark-Signature"]?.count == 64)
            #expect(event.headers["X-Lark-Request-Timestamp"]?.isEmpty == false)
            #expect(event.headers["X-Lark-Request-Nonce"]?.isEmpty == false)
        }
    }

    @Test("A ticket comes every hour and on request")
    func hourly() async throws {
        try await inEventWorld { emulator, client, receiver in
            emulator.advanceClock(seconds: 3600)
            await emulator.waitForDeliveries(count: 3)
            _ = try await client.post(
                "\(PlatformClient.auth)/app_ticket/resend",
                ["app_id": "cli_s", "app_secret": "s"]
            )
            await emulator.waitForDeliveries(count: 4)
            let tickets = receiver.events.compactMap { $0.json["event"]?["app_ticket"]?.string }
            #expect(Set(tickets).count == 3)
            #expect(tickets.last == emulator.appTicket(appID: "cli_s"))
        }
    }

    @Test("A failed delivery is repeated after 15 s, 5 min, 1 h and 6 h, with the same uuid, and then no more")
    func retries() async throws {
        try await inEventWorld { emulator, _, receiver in
            receiver.answer(.internalServerError)
            emulator.install(appID: "cli_s", tenantKey: "tenant1")
            await emulator.waitForDeliveries(count: 3)
            for (attempt, delay) in [15.0, 300, 3600, 21600].enumerated() {
                #expect(emulator.pushes.first { $0.type == "app_open" }?.deliveries.count == attempt + 1)
                emulator.advanceClock(seconds: delay)
                await emulator.waitForDelivery(of: "app_open", number: attempt + 2)
            }
            let push = try #require(emulator.pushes.first { $0.type == "app_open" })
            #expect(push.deliveries.count == 5)
            #expect(push.deliveries.allSatisfy { $0.status == 500 && !$0.succeeded })
            let uuids = receiver.events.filter { $0.json["event"]?["type"] == "app_open" }.map { $0.json["uuid"] }
            #expect(Set(uuids).count == 1)
        }
    }

    @Test("An event can come more than once with the same uuid")
    func duplicates() async throws {
        try await inEventWorld { emulator, _, receiver in
            emulator.setBehaviour { $0.duplicateEvents = 2 }
            emulator.setAppEnabled(false, appID: "cli_s", tenantKey: "tenant1")
            await emulator.waitForDeliveries(count: 5)
            let events = receiver.events.filter { $0.json["event"]?["type"] == "app_status_change" }
            #expect(events.count == 3)
            #expect(Set(events.map { $0.json["uuid"] }).count == 1)
            #expect(events.first?.json["event"]?["status"] == "stop_by_tenant")
        }
    }
}

extension Emulator {
    /// Waits until an event has been delivered that many times; other events may come in between.
    fileprivate func waitForDelivery(of type: String, number: Int) async {
        var total = 1
        while (pushes.first { $0.type == type }?.deliveries.count ?? 0) < number {
            await waitForDeliveries(count: total)
            total += 1
        }
    }
}
