import NIOCore

/// What the actions of a fault come to: an answer in place of the emulator's, changes of it, and the way it is sent.
struct FaultEffect: Sendable {
    /// Pauses before the answer, in order; nil waits for the release.
    private(set) var waits: [Double?] = []
    /// The answer in place of the emulator's own. The request then has no effect.
    private(set) var answer: Response?
    private(set) var delivery = WireFormat()
    private var changes: [Fault.Action] = []

    init(_ actions: [Fault.Action], exchange: IncomingRequest, switches: Behaviour) {
        for action in actions {
            switch action {
            case .delay(let seconds):
                waits.append(seconds)
            case .hold:
                waits.append(nil)
            case .code, .error, .answer, .redirect, .rejectToken, .limit:
                answer = action.answer(to: exchange, switches: switches)
            case .token, .expire, .omit, .member, .body, .bytes, .generatedBody, .status, .header, .hugeHeader,
                .lowerCaseHeaders:
                changes.append(action)
            case .endlessHeaders:
                delivery.sendsEndlessHeaders = true
            case .contentLength(let text):
                delivery.framing = text.map { .declared($0) } ?? .untilClose
            case .chunked:
                delivery.framing = .chunked
            case .cut(let count):
                delivery.end = .cut(after: count)
            case .reset(let count):
                delivery.end = .reset(after: count)
            case .stall(let count):
                delivery.end = .stall(after: count)
            case .drip(let bytes, let seconds):
                delivery.drip = WireFormat.Drip(bytes: bytes, seconds: seconds)
            }
        }
    }

    /// The answer with the changes made.
    func changed(_ answer: Response) -> Response {
        changes.reduce(into: answer) { $1.change(&$0) }
    }
}

extension Fault.Action {
    /// The answer of an action that has one of its own.
    fileprivate func answer(to exchange: IncomingRequest, switches: Behaviour) -> Response? {
        switch self {
        case .code(let code):
            return PlatformError.code(code).answer(to: exchange, switches: switches)
        case .error(let status, let code, let msg, let headers):
            var error = PlatformError.code(code, status: status)
            error.message = msg ?? error.message
            return error.answer(to: exchange, switches: switches).with(headers)
        case .answer(let status, let contentType, let body, let headers):
            return Response.text(body, status: status, contentType: contentType).with(headers)
        case .redirect(let status, let location):
            return Response.text("", status: status, contentType: nil).with(["Location": location])
        case .rejectToken(let status):
            return PlatformError.code(99991663, status: status).answer(to: exchange, switches: switches)
        case .limit(let status, let reset, let limit):
            var answer = PlatformError.code(99991400, status: status).answer(to: exchange, switches: switches)
            answer.set("x-ogw-ratelimit-limit", limit)
            answer.set("x-ogw-ratelimit-reset", reset)
            return answer
        case .delay, .hold, .token, .expire, .omit, .member, .body, .bytes, .generatedBody, .status, .header,
            .hugeHeader, .endlessHeaders, .lowerCaseHeaders, .contentLength, .chunked, .cut, .reset, .stall, .drip:
            return nil
        }
    }

    /// Makes the change of an action that makes one.
    fileprivate func change(_ answer: inout Response) {
        switch self {
        case .token(let text):
            for name in ["tenant_access_token", "app_access_token", "access_token"] {
                answer.replace(name, by: .text(text))
            }
        case .expire(let value):
            for name in ["expire", "expires_in"] {
                answer.replace(name, by: value)
            }
        case .omit(let name):
            answer.replace(name, by: nil)
        case .member(let name, let value):
            answer.setMember(name, value)
        case .body(let text):
            answer.body = .buffer(ByteBuffer(string: text))
        case .bytes(let bytes):
            answer.body = .buffer(ByteBuffer(bytes: bytes))
        case .generatedBody(let count):
            answer.body = .generated(count)
        case .status(let status):
            answer.status = status
        case .header(let name, let value):
            answer.set(name, value)
        case .hugeHeader(let count):
            answer.set("X-Huge", String(repeating: "h", count: count))
        case .lowerCaseHeaders:
            answer.fields = answer.fields.map { Response.Field(name: $0.name.lowercased(), value: $0.value) }
            answer.hasLowerCaseFields = true
        case .delay, .hold, .code, .error, .answer, .redirect, .rejectToken, .limit, .endlessHeaders,
            .contentLength, .chunked, .cut, .reset, .stall, .drip:
            break
        }
    }
}

extension PlatformError {
    /// The answer in the form of the endpoint that was asked.
    fileprivate func answer(to exchange: IncomingRequest, switches: Behaviour) -> Response {
        exchange.isTokenRequest ? tokenAnswer : answer(logID: exchange.logID, logIDName: switches.logIDName)
    }
}

extension Response {
    fileprivate func with(_ headers: [String: String]?) -> Response {
        var answer = self
        for (name, value) in (headers ?? [:]).sorted(by: { $0.key < $1.key }) {
            answer.set(name, value)
        }
        return answer
    }

    /// Replaces a member that a JSON body has; nil takes it out.
    fileprivate mutating func replace(_ name: String, by value: JSONValue?) {
        guard case .json(.object(var members)) = body, members[name] != nil else { return }
        members[name] = value
        body = .json(.object(members))
    }

    fileprivate mutating func setMember(_ name: String, _ value: JSONValue) {
        guard case .json(.object(var members)) = body else { return }
        members[name] = value
        body = .json(.object(members))
    }
}
