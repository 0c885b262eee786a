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
        case .controlDump:
            try await send(dumpResponse(request), writer: writer)
            return
        case .token, .image, .imageCreation, .messageResource, .message, .messageList, .messageBatch, .unknown:
            break
        }
        let (arrival, effect) = platform.withLock { platform in
            request.logID = Identifiers.logID(at: platform.clock.now)
            (request.appID, request.tenantKey) = platform.claimedCaller(of: request)
            let arrival = platform.journal.record(request, at: platform.clock.now)
            let actions = platform.faults.actions(for: request)
            return (arrival, FaultEffect(actions, request: request, behaviour: platform.behaviour))
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
        wakeup.continuation.yield()
        platform.withLock { [response] platform in
            platform.journal.complete(
                arrival,
                status: effect.format.sendsHead ? response.status : nil,
                code: response.code
            )
        }
        if effect.format.isRegular {
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
