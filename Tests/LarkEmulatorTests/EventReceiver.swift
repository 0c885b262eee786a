import Hummingbird
import Logging
import Synchronization

@testable import LarkEmulator

/// An app's webhook: it responds to the challenge and records the events.
final class EventReceiver: Sendable {
    struct Event: Sendable {
        var headers: [String: String]
        /// The body as received.
        var raw: String
        /// The event in it, decrypted if it was encrypted.
        var json: JSONValue
    }

    private struct State {
        var events: [Event] = []
        var status = HTTPResponse.Status.ok
    }

    private let state = Mutex(State())
    private let encryptKey: String

    init(encryptKey: String = "") {
        self.encryptKey = encryptKey
    }

    var events: [Event] {
        state.withLock { $0.events }
    }

    /// Sets the status of the responses from now on.
    func answer(_ status: HTTPResponse.Status) {
        state.withLock { $0.status = status }
    }

    /// Runs a closure while the webhook listens; the closure receives its address.
    static func run<Result>(
        encryptKey: String = "",
        _ body: (EventReceiver, String) async throws -> Result
    ) async throws -> Result {
        let receiver = EventReceiver(encryptKey: encryptKey)
        let router = Router()
        router.post("events") { request, _ in
            let buffer = try await request.body.collect(upTo: 1 << 20)
            let headers = request.headers.map { ($0.name.rawName, $0.value) }
            return receiver.receive(String(buffer: buffer), headers: Dictionary(headers) { $1 })
        }
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "event-receiver")
        logger.logLevel = .critical
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in ready.yield(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await application.run() }
            for await port in ports {
                return try await body(receiver, "http://127.0.0.1:\(port)/events")
            }
            throw CancellationError()
        }
    }

    private func receive(_ raw: String, headers: [String: String]) -> Response {
        var json = JSONValue(parsing: raw) ?? .null
        if let sealed = json["encrypt"]?.string, let opened = try? EventCipher.decrypt(sealed, encryptKey: encryptKey) {
            json = JSONValue(parsing: opened) ?? .null
        }
        let status = state.withLock { [json] state in
            state.events.append(Event(headers: headers, raw: raw, json: json))
            return state.status
        }
        guard let challenge = json["challenge"] else { return Response(status: status) }
        let reply = JSONValue.serialize(["challenge": challenge] as JSONValue)
        return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: reply)))
    }
}
