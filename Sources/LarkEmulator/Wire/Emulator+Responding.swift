import FoundationEssentials
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

extension Emulator {
    /// The largest request that is read: more than the largest upload, so that the platform's own limit applies.
    private static let largestRequest = 64 << 20

    /// Reads a request and sends the response.
    @concurrent
    func respond(to received: Request, writer: consuming ResponseWriter, channel: any Channel) async throws {
        let body = try await received.body.collect(upTo: Self.largestRequest)
        var request = IncomingRequest(received, body: body, peerAddress: channel.remoteAddress?.ipAddress)
        switch request.route {
        case .controlCommand:
            try await send(commandResponse(request), writer: writer)
            return
        case .controlJournal:
            try await send(journalResponse(request), writer: writer)
            return
        case .token, .image, .imageCreation, .messageResource, .unknown:
            break
        }
        let (arrival, effect) = platform.withLock { platform in
            request.logID = LogID.make(at: platform.clock.now)
            (request.appID, request.tenantKey) = platform.claimedCaller(of: request)
            let arrival = platform.enter(request)
            let actions = platform.faults.actions(for: request)
            return (arrival, FaultEffect(actions, request: request, switches: platform.switches))
        }
        for wait in effect.waits {
            if let seconds = wait {
                try await Task.sleep(for: .seconds(seconds))
            } else {
                await gate.hold()
            }
        }
        var response = platform.withLock { [request] platform in
            effect.changed(effect.response ?? platform.response(request))
        }
        response.set(response.hasLowerCaseFields ? "date" : "Date", HTTPDate.text(now))
        response.set(response.hasLowerCaseFields ? "x-tt-logid" : "X-Tt-Logid", request.logID)
        wakeup.signal()
        platform.withLock { [response] platform in
            platform.journal.complete(
                arrival,
                status: effect.format.sendsHead ? response.status : nil,
                code: response.code
            )
        }
        if effect.format.isOrdinary {
            try await send(response, writer: writer)
        } else {
            try await RawSender(channel: channel, response: response, format: effect.format).send()
        }
    }

    /// Sends a response through the HTTP server.
    @concurrent
    private func send(_ response: Response, writer: consuming ResponseWriter) async throws {
        var head = HTTPResponse(status: HTTPResponse.Status(code: response.status))
        for field in response.fields + response.framingFields {
            // An invalid name is left out: only a fault can have set it.
            guard let name = HTTPFields.Element.Name(field.name) else { continue }
            head.headerFields.append(HTTPFields.Element(name: name, value: field.value))
        }
        let body = try await writer.writeHead(head)
        var bodyWriter: any ResponseBodyWriter = body
        for piece in response.pieces {
            try await bodyWriter.write(piece)
        }
        try await bodyWriter.finish(nil)
    }
}

extension Response {
    fileprivate var framingFields: [Field] {
        isChunked ? [] : [Field(name: hasLowerCaseFields ? "content-length" : "Content-Length", value: String(length))]
    }

    /// The body in pieces; a generated body is made piece by piece.
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
    /// Whether the client receives a status.
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
    /// Records a request in the journal and returns its sequence number.
    fileprivate mutating func enter(_ request: IncomingRequest) -> Int {
        let sequence = journal.nextSequence()
        journal.entries.append(
            JournalEntry(
                sequence: sequence,
                time: clock.now,
                method: request.method,
                path: request.path,
                query: request.query,
                headers: request.headers.map { JournalEntry.Header(name: $0.name.rawName, value: $0.value) },
                body: request.isTokenRequest ? request.bodyText : nil,
                api: request.route.api,
                appID: request.appID,
                tenantKey: request.tenantKey,
                status: nil,
                code: nil,
                logID: request.logID
            )
        )
        return sequence
    }
}
