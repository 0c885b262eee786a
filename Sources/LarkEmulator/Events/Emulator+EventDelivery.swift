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
        let timeouts = configuration.eventTimeouts
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout = HTTPClient.Configuration.Timeout(connect: .milliseconds(Int64(timeouts.connect * 1000)))
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        var timer: Task<Void, Never>?
        await withDiscardingTaskGroup { group in
            for await _ in wakeup.stream {
                timer?.cancel()
                for pending in platform.withLock({ $0.takeDueDeliveries() }) {
                    group.addTask { await self.deliver(pending, by: client) }
                }
                if let seconds = platform.withLock({ $0.secondsUntilNextEvent }) {
                    timer = Task { [continuation = wakeup.continuation] in
                        // A cancelled timer does nothing.
                        guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
                        continuation.yield()
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
            let request = try HTTPClientRequest(event: push.body, to: url, app: app, at: now)
            let reply = try await client.execute(
                request, timeout: pending.event.replyTimeout(configuration.eventTimeouts))
            let body = try await reply.body.collect(upTo: 1 << 20)
            delivery.status = Int(reply.status.code)
            delivery.succeeded = reply.status == .ok && pending.event.isAcknowledged(by: String(buffer: body))
        } catch {
            // No reply in time is a failed delivery, whatever the reason; the schedule repeats it.
            delivery.succeeded = false
        }
        platform.withLock { [delivery] platform in
            let duplicates = platform.behaviour.duplicateEvents
            platform.events.complete(pending, delivery, duplicates: duplicates, at: platform.clock.now)
        }
        deliveries.update { $0.count += 1 }
        wakeup.continuation.yield()
    }
}

extension AppEvent {
    /// How long the platform waits for the reply.
    fileprivate func replyTimeout(_ timeouts: EventTimeouts) -> TimeAmount {
        let seconds =
            switch self {
            case .urlVerification: timeouts.challenge
            case .appTicket, .appOpen, .appStatusChange, .appUninstalled, .message: timeouts.event
            }
        return .milliseconds(Int64(seconds * 1000))
    }

    /// Whether the body of a reply is acceptable: only the challenge has to be returned.
    fileprivate func isAcknowledged(by body: String) -> Bool {
        switch self {
        case .urlVerification(let challenge): JSONValue(parsing: body)?["challenge"]?.string == challenge
        case .appTicket, .appOpen, .appStatusChange, .appUninstalled, .message: true
        }
    }
}

/// How many deliveries have ended.
struct DeliveryCount: Sendable {
    var count = 0
    /// Whether the emulator has stopped, so that no more will end.
    var isOver = false
}
