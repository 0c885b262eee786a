extension Fault {
    /// One thing a fault does. An action with a response of its own keeps the request from having any effect; the
    /// others change the emulator's response. Actions combine: `.body("<html>"), .cut(afterBytes: 3)`.
    public enum Action: Sendable, Hashable, Codable {
        // MARK: Before the response

        /// Waits that many real seconds.
        case delay(seconds: Double)
        /// Waits until ``Emulator/release()``.
        case hold

        // MARK: Responses of its own

        /// A code of the platform, with its documented status and text.
        case code(Int)
        /// A JSON error with any code.
        case error(status: Int, code: Int, msg: String?, headers: [String: String]?)
        /// Any status with any text as body.
        case answer(status: Int, contentType: String?, body: String, headers: [String: String]?)
        /// A redirect.
        case redirect(status: Int, location: String)
        /// 99991663 under the status given.
        case rejectToken(status: Int)
        /// 99991400 under the status given; each header only if it is given.
        case limit(status: Int, reset: String?, limit: String?)

        // MARK: Changes to the response

        /// Replaces the token in the response of a token endpoint. The issued token itself is unchanged.
        case token(String)
        /// Replaces `expire` in the response of a token endpoint with any JSON.
        case expire(JSONValue)
        /// Removes a member from a JSON response, for example `expire` or `tenant_access_token`.
        case omit(String)
        /// Sets a member of a JSON response.
        case member(name: String, value: JSONValue)
        /// Replaces the body with a text.
        case body(String)
        /// Replaces the body with bytes.
        case bytes([UInt8])
        /// Replaces the body with that many bytes, generated while they are sent.
        case generatedBody(bytes: Int)
        /// Replaces only the HTTP status.
        case status(Int)
        /// Sets a header field, or removes it if the value is nil.
        case header(name: String, value: String?)
        /// Adds a header field of that many bytes.
        case hugeHeader(bytes: Int)
        /// Sends header fields endlessly.
        case endlessHeaders
        /// Sends all header names in lower case.
        case lowerCaseHeaders

        // MARK: Changes to how it is sent

        /// Sends that text as Content-Length whatever the body; nil sends none, and closing ends the body.
        case contentLength(String?)
        /// Sends the body in chunks, without Content-Length.
        case chunked
        /// Closes the connection after that many bytes of the body; nil closes it before the headers.
        case cut(afterBytes: Int?)
        /// Resets the connection after that many bytes of the body; nil resets it before the headers.
        case reset(afterBytes: Int?)
        /// Stops sending after that many bytes of the body, but keeps the connection open; nil sends nothing.
        case stall(afterBytes: Int?)
        /// Sends the body in pieces of that size with a pause before each.
        case drip(bytes: Int, everySeconds: Double)
    }
}
