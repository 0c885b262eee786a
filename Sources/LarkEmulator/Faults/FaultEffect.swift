import NIOCore

/// The combined effect of a fault's actions: a response of its own, changes to the response, and how it is sent.
struct FaultEffect: Sendable {
    /// Waits before the response, in seconds and in order; nil waits for the release.
    private(set) var waits: [Double?] = []
    /// A response instead of the emulator's. The request then has no effect.
    private(set) var response: Response?
    private(set) var format = WireFormat()
    private var changes: [Fault.Action] = []

    init(_ actions: [Fault.Action], request: IncomingRequest, behaviour: Behaviour) {
        for action in actions {
            switch action {
            case .delay(let seconds):
                waits.append(seconds)
            case .hold:
                waits.append(nil)
            case .code, .error, .answer, .redirect, .rejectToken, .limit:
                response = action.response(to: request, behaviour: behaviour)
            case .token, .expire, .omit, .member, .body, .bytes, .generatedBody, .status, .header, .hugeHeader,
                .lowerCaseHeaders:
                changes.append(action)
            case .endlessHeaders:
                format.sendsEndlessHeaders = true
            case .contentLength(let text):
                format.framing = text.map { .declared($0) } ?? .untilClose
            case .chunked:
                format.framing = .chunked
            case .cut(let count):
                format.end = .cut(after: count)
            case .reset(let count):
                format.end = .reset(after: count)
            case .stall(let count):
                format.end = .stall(after: count)
            case .drip(let bytes, let seconds):
                format.drip = WireFormat.Drip(bytes: bytes, seconds: seconds)
            }
        }
    }

    /// The response with the changes applied.
    func changed(_ response: Response) -> Response {
        changes.reduce(into: response) { $1.change(&$0) }
    }
}

extension Fault.Action {
    /// The response of an action that has one of its own.
    fileprivate func response(to request: IncomingRequest, behaviour: Behaviour) -> Response? {
        switch self {
        case .code(let code):
            return PlatformError.code(code).response(to: request, behaviour: behaviour)
        case .error(let status, let code, let msg, let headers):
            var error = PlatformError.code(code, status: status)
            error.message = msg ?? error.message
            return error.response(to: request, behaviour: behaviour).with(headers)
        case .answer(let status, let contentType, let body, let headers):
            return Response.text(body, status: status, contentType: contentType).with(headers)
        case .redirect(let status, let location):
            return Response.text("", status: status, contentType: nil).with(["Location": location])
        case .rejectToken(let status):
            return PlatformError.code(99991663, status: status).response(to: request, behaviour: behaviour)
        case .limit(let status, let reset, let limit):
            var response = PlatformError.code(99991400, status: status).response(to: request, behaviour: behaviour)
            response.set("x-ogw-ratelimit-limit", limit)
            response.set("x-ogw-ratelimit-reset", reset)
            return response
        case .delay, .hold, .token, .expire, .omit, .member, .body, .bytes, .generatedBody, .status, .header,
            .hugeHeader, .endlessHeaders, .lowerCaseHeaders, .contentLength, .chunked, .cut, .reset, .stall, .drip:
            return nil
        }
    }

    /// Applies an action that changes the response.
    fileprivate func change(_ response: inout Response) {
        switch self {
        case .token(let text):
            for name in ["tenant_access_token", "app_access_token", "access_token"] {
                response.replace(name, by: .text(text))
            }
        case .expire(let value):
            for name in ["expire", "expires_in"] {
                response.replace(name, by: value)
            }
        case .omit(let name):
            response.replace(name, by: nil)
        case .member(let name, let value):
            response.setMember(name, value)
        case .body(let text):
            response.body = .buffer(ByteBuffer(string: text))
        case .bytes(let bytes):
            response.body = .buffer(ByteBuffer(bytes: bytes))
        case .generatedBody(let count):
            response.body = .generated(count)
        case .status(let status):
            response.status = status
        case .header(let name, let value):
            response.set(name, value)
        case .hugeHeader(let count):
            response.set("X-Huge", String(repeating: "h", count: count))
        case .lowerCaseHeaders:
            response.fields = response.fields.map { Response.Field(name: $0.name.lowercased(), value: $0.value) }
            response.hasLowerCaseFields = true
        case .delay, .hold, .code, .error, .answer, .redirect, .rejectToken, .limit, .endlessHeaders,
            .contentLength, .chunked, .cut, .reset, .stall, .drip:
            break
        }
    }
}

extension PlatformError {
    /// The response in the format of the requested endpoint.
    fileprivate func response(to request: IncomingRequest, behaviour: Behaviour) -> Response {
        request.isTokenRequest ? tokenResponse : response(logID: request.logID, logIDName: behaviour.logIDName)
    }
}

extension Response {
    fileprivate func with(_ headers: [String: String]?) -> Response {
        var response = self
        for (name, value) in (headers ?? [:]).sorted(by: { $0.key < $1.key }) {
            response.set(name, value)
        }
        return response
    }

    /// Replaces an existing member of a JSON body; nil removes it.
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
