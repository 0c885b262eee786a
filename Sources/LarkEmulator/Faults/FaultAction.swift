extension Fault {
    /// One thing a fault does. Those that give an answer of their own keep the request from having any effect; the
    /// others take the emulator's answer and spoil it. They combine: `.body("<html>"), .cut(afterBytes: 3)`.
    public enum Action: Sendable, Hashable, Codable {
        // MARK: Before the answer

        /// Waits that many real seconds.
        case delay(seconds: Double)
        /// Waits until ``Emulator/release()``.
        case hold

        // MARK: Answers of its own

        /// A code of the platform with the status and text that the documentation gives it.
        case code(Int)
        /// A JSON error with any code.
        case error(status: Int, code: Int, msg: String?, headers: [String: String]?)
        /// Any status with any text as body.
        case answer(status: Int, contentType: String?, body: String, headers: [String: String]?)
        /// A redirect.
        case redirect(status: Int, location: String)
        /// 99991663 under the status given.
        case rejectToken(status: Int)
        /// 99991400 under the status given, its headers only where they are given.
        case limit(status: Int, reset: String?, limit: String?)

        // MARK: Changes of the answer

        /// Replaces the token in the answer of a token endpoint. The token asked for stays as it was.
        case token(String)
        /// Replaces `expire` in the answer of a token endpoint by any JSON.
        case expire(JSONValue)
        /// Leaves a member out of a JSON answer, such as `expire` or `tenant_access_token`.
        case omit(String)
        /// Replaces a member of a JSON answer.
        case member(name: String, value: JSONValue)
        /// Replaces the body by a text.
        case body(String)
        /// Replaces the body by bytes.
        case bytes([UInt8])
        /// Replaces the body by that many bytes, made up while they are sent.
        case generatedBody(bytes: Int)
        /// Sets the HTTP status and nothing else.
        case status(Int)
        /// Sets a header field, or removes it where the value is nil.
        case header(name: String, value: String?)
        /// Adds a header field of that many bytes.
        case hugeHeader(bytes: Int)
        /// Sends header fields without end.
        case endlessHeaders
        /// Writes all header names in lower case.
        case lowerCaseHeaders

        // MARK: Changes of the delivery

        /// Sends a Content-Length of that text whatever the body, or none where it is nil: the end is then the close.
        case contentLength(String?)
        /// Sends the body in chunks, without Content-Length.
        case chunked
        /// Closes the connection after that many bytes of the body; nil closes it before the head.
        case cut(afterBytes: Int?)
        /// Resets the connection after that many bytes of the body; nil resets it before the head.
        case reset(afterBytes: Int?)
        /// Falls silent after that many bytes of the body, the connection open; nil is silent from the start.
        case stall(afterBytes: Int?)
        /// Sends the body in pieces of that size with a pause before each.
        case drip(bytes: Int, everySeconds: Double)
    }
}
