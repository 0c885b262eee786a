import FoundationEssentials
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

extension Emulator {
    /// The most that is read of a request: more than the largest upload, so that the platform's own limit answers.
    private static let largestRequest = 64 << 20

    /// Reads a request, answers it, and puts the answer on the wire.
    @concurrent
    func respond(to request: Request, writer: consuming ResponseWriter, channel: any Channel) async throws {
        let body = try await request.body.collect(upTo: Self.largestRequest)
        var exchange = IncomingRequest(request, body: body, peerAddress: channel.remoteAddress?.ipAddress)
        switch exchange.route {
        case .controlCommand:
            try await send(commandAnswer(exchange), writer: writer)
            return
        case .controlJournal:
            try await send(journalAnswer(exchange), writer: writer)
            return
        case .token, .image, .imageCreation, .messageResource, .unknown:
            break
        }
        let (arrival, effect) = world.withLock { world in
            exchange.logID = LogID.make(at: world.clock.now)
            (exchange.appID, exchange.tenantKey) = world.claimedCaller(of: exchange)
            let arrival = world.enter(exchange)
            let actions = world.faults.actions(for: exchange)
            return (arrival, FaultEffect(actions, exchange: exchange, switches: world.switches))
        }
        for wait in effect.waits {
            if let seconds = wait {
                try await Task.sleep(for: .seconds(seconds))
            } else {
                await gate.hold()
            }
        }
        var answer = world.withLock { [exchange] world in
            effect.changed(effect.answer ?? world.answer(exchange))
        }
        answer.set(answer.hasLowerCaseFields ? "date" : "Date", HTTPDate.text(now))
        answer.set(answer.hasLowerCaseFields ? "x-tt-logid" : "X-Tt-Logid", exchange.logID)
        bell.ring()
        world.withLock { [answer] world in
            world.journal.complete(
                arrival,
                status: effect.delivery.sendsHead ? answer.status : nil,
                code: answer.code
            )
        }
        if effect.delivery.isOrdinary {
            try await send(answer, writer: writer)
        } else {
            try await RawSender(channel: channel, answer: answer, delivery: effect.delivery).send()
        }
    }

    /// Sends an answer as any server does.
    @concurrent
    private func send(_ answer: Response, writer: consuming ResponseWriter) async throws {
        var head = HTTPResponse(status: HTTPResponse.Status(code: answer.status))
        for field in answer.fields + answer.framingFields {
            // A name that cannot be one on the wire is left out: only a fault can have asked for it.
            guard let name = HTTPFields.Element.Name(field.name) else { continue }
            head.headerFields.append(HTTPFields.Element(name: name, value: field.value))
        }
        let body = try await writer.writeHead(head)
        var bodyWriter: any ResponseBodyWriter = body
        for piece in answer.pieces {
            try await bodyWriter.write(piece)
        }
        try await bodyWriter.finish(nil)
    }
}

extension Response {
    fileprivate var framingFields: [Field] {
        isChunked ? [] : [Field(name: hasLowerCaseFields ? "content-length" : "Content-Length", value: String(length))]
    }

    /// The body in pieces, of which one at a time is in memory where it is made up.
    var pieces: some Sequence<ByteBuffer> {
        let size = 1 << 16
        let whole = buffer
        let total = length
        return sequence(state: 0) { (sent: inout Int) -> ByteBuffer? in
            guard sent < total else { return nil }
            let count = Swift.min(size, total - sent)
            defer { sent += count }
            return switch body {
            case .generated: ByteBuffer(repeating: UInt8(ascii: "G"), count: count)
            case .json, .buffer: whole.getSlice(at: whole.readerIndex + sent, length: count)
            }
        }
    }
}

extension WireFormat {
    /// Whether a status reaches the client at all.
    fileprivate var sendsHead: Bool {
        switch end {
        case .cut(nil), .reset(nil), .stall(nil): false
        case .complete, .cut, .reset, .stall: true
        }
    }
}

extension IncomingRequest {
    fileprivate init(_ request: Request, body: ByteBuffer, peerAddress: String?) {
        let target = request.head.path ?? ""
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        path = parts.first ?? ""
        query = parts.count > 1 ? parts[1] : ""
        route = Route(method: request.method, path: path)
        method = request.method.rawValue
        headers = request.headers
        self.body = body
        self.peerAddress = peerAddress
        logID = ""
    }
}

extension PlatformState {
    /// Writes a request into the journal and returns its sequence number.
    fileprivate mutating func enter(_ exchange: IncomingRequest) -> Int {
        let sequence = journal.nextSequence()
        journal.entries.append(
            JournalEntry(
                sequence: sequence,
                time: clock.now,
                method: exchange.method,
                path: exchange.path,
                query: exchange.query,
                headers: exchange.headers.map { JournalEntry.Header(name: $0.name.rawName, value: $0.value) },
                body: exchange.isTokenRequest ? exchange.bodyText : nil,
                api: exchange.route.api,
                appID: exchange.appID,
                tenantKey: exchange.tenantKey,
                status: nil,
                code: nil,
                logID: exchange.logID
            )
        )
        return sequence
    }
}
