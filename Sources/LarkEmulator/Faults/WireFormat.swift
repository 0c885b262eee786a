/// How an answer is put on the wire.
struct WireFormat: Sendable {
    /// What the head says about the length of the body.
    enum Framing: Sendable, Hashable {
        /// What is true.
        case honest
        /// This text as Content-Length.
        case declared(String)
        /// Nothing: the body ends with the connection.
        case untilClose
        case chunked
    }

    /// How it ends.
    enum End: Sendable, Hashable {
        case complete
        /// After that many bytes of the body; nil is before the head.
        case cut(after: Int?)
        case reset(after: Int?)
        case stall(after: Int?)
    }

    struct Drip: Sendable, Hashable {
        var bytes: Int
        var seconds: Double
    }

    var framing = Framing.honest
    var end = End.complete
    var drip: Drip?
    var sendsEndlessHeaders = false

    /// Whether the server can send it as it sends any other answer.
    var isOrdinary: Bool {
        framing == .honest && end == .complete && drip == nil && !sendsEndlessHeaders
    }
}
