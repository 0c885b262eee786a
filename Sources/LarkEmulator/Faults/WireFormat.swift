/// How a response is sent.
struct WireFormat: Sendable {
    /// What the headers say about the length of the body.
    enum Framing: Sendable, Hashable {
        /// The true length.
        case honest
        /// This text as Content-Length.
        case declared(String)
        /// No length: the body ends when the connection closes.
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

    /// Whether the HTTP server can send it unchanged.
    var isOrdinary: Bool {
        framing == .honest && end == .complete && drip == nil && !sendsEndlessHeaders
    }
}
