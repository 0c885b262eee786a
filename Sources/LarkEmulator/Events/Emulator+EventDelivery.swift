import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Synchronization

extension Emulator {
    /// Delivers events as they become due, until the surrounding task is cancelled.
    func deliverEvents() async {
        if let url = configuration.eventsURL {
            setEventsURL(url)
        }
        let patience = configuration.eventPatience
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout = HTTPClient.Configuration.Timeout(connect: .milliseconds(Int64(patience.connect * 1000)))
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        var timer: Task<Void, Never>?
        await withDiscardingTaskGroup { group in
            for await _ in wakeup.signals {
                timer?.cancel()
                for pending in platform.withLock({ $0.takeDueDeliveries() }) {
                    group.addTask { await self.deliver(pending, by: client) }
                }
                if let seconds = platform.withLock({ $0.secondsUntilNextEvent }) {
                    timer = Task { [wakeup] in
                        // A cancelled timer does nothing.
                        guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
                        wakeup.signal()
                    }
                }
            }
        }
        timer?.cancel()
        // No request is in flight any more, so a failed shutdown has no consequence.
        try? await client.shutdown()
    }

    private func deliver(_ pending: EventQueue.Pending, by client: HTTPClient) async {
        let (url, app, push, now) = platform.withLock { platform in
            (
                platform.events.url, platform.apps[pending.appID], platform.events.pushes[pending.push],
                platform.clock.now
            )
        }
        guard let url, let app else { return }
        var delivery = EventPush.Delivery(time: now, status: nil, succeeded: false)
        do {
            let request = try request(to: url, body: push.body, app: app, at: now)
            let reply = try await client.execute(
                request, timeout: pending.event.replyTimeout(configuration.eventPatience))
            let body = try await reply.body.collect(upTo: 1 << 20)
            delivery.status = Int(reply.status.code)
            delivery.succeeded = reply.status == .ok && pending.event.isAnswered(by: String(buffer: body))
        } catch {
            // No reply in time is a failed delivery, whatever the reason; the schedule repeats it.
            delivery.succeeded = false
        }
        platform.withLock { [delivery] platform in
            let duplicates = platform.switches.duplicateEvents
            platform.events.complete(pending, delivery, duplicates: duplicates, at: platform.clock.now)
        }
        deliveries.add()
        wakeup.signal()
    }

    private func request(to url: String, body: String, app: EmulatedApp, at now: Date) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json;charset=utf-8")
        guard !app.encryptKey.isEmpty else {
            request.body = .bytes(ByteBuffer(string: body))
            return request
        }
        let iv = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        let sealed: JSONValue = ["encrypt": .text(try EventCipher.encrypt(body, encryptKey: app.encryptKey, iv: iv))]
        let sent = JSON.text(sealed)
        let timestamp = String(Int(now.timeIntervalSince1970))
        let nonce = Random.hex(digits: 10)
        let signature = EventCipher.signature(
            timestamp: timestamp,
            nonce: nonce,
            encryptKey: app.encryptKey,
            body: sent
        )
        request.headers.add(name: "X-Lark-Request-Timestamp", value: timestamp)
        request.headers.add(name: "X-Lark-Request-Nonce", value: nonce)
        request.headers.add(name: "X-Lark-Signature", value: signature)
        request.body = .bytes(ByteBuffer(string: sent))
        return request
    }
}

extension AppEvent {
    /// How long the platform waits for the reply.
    fileprivate func replyTimeout(_ patience: EventPatience) -> TimeAmount {
        let seconds =
            switch self {
            case .urlVerification: patience.challenge
            case .appTicket, .appOpen, .appStatusChange, .appUninstalled: patience.event
            }
        return .milliseconds(Int64(seconds * 1000))
    }

    /// Whether the body of a reply is acceptable: only the challenge has to be returned.
    fileprivate func isAnswered(by body: String) -> Bool {
        switch self {
        case .urlVerification(let challenge): JSON.value(of: body)?["challenge"]?.string == challenge
        case .appTicket, .appOpen, .appStatusChange, .appUninstalled: true
        }
    }
}
