extension LarkClient {
    /// The form of cards in a response (document "Get message"; `raw_card_content` from the source of lark-cli).
    package enum CardForm: String, Sendable, CaseIterable {
        /// With the keys of all images, as the platform stores it.
        case raw = "raw_card_content"
        /// As the app that sent the card wrote it.
        case user = "user_card_content"
        /// For old clients. A card of the schema 2.0 is without its images then.
        case fallback
    }

    /// Where ``messages(in:window:page:from:token:)`` looks.
    package enum MessageContainer: Sendable, Hashable {
        case chat(String)
        case thread(String)
    }

    /// The largest response, in bytes: a bundle holds 100 messages.
    private static let largestResponse = 16 << 20

    /// Requests a message, and with a bundle of forwarded messages all that are in it:
    /// `GET /open-apis/im/v1/messages/:message_id`.
    ///
    /// - Returns: the body of the response, JSON.
    /// - Throws: ``LarkError``; `CancellationError`.
    package func message(
        _ message: MessageID, cards: CardForm, from host: LarkHost, token: TenantAccessToken
    ) async throws -> [UInt8] {
        let query = cards == .fallback ? "" : "?card_msg_content_type=\(cards.rawValue)"
        return try await messages(at: "/\(message)\(query)", action: "the message \(message)", host, token)
    }

    /// Requests up to 50 messages of a chat or thread, oldest first: `GET /open-apis/im/v1/messages`.
    ///
    /// - Parameters:
    ///   - container: its id holds letters, digits and underscores only.
    ///   - window: the first and last second of their creation, Unix time; ignored for a thread.
    ///   - page: the `page_token` of the page before; nil for the first page.
    /// - Returns: the body of the response, JSON.
    /// - Throws: ``LarkError``; `CancellationError`.
    package func messages(
        in container: MessageContainer, window: ClosedRange<Int64>?, page: String?, from host: LarkHost,
        token: TenantAccessToken
    ) async throws -> [UInt8] {
        var query: String
        switch container {
        case .chat(let id): query = "?container_id_type=chat&container_id=\(id)"
        case .thread(let id): query = "?container_id_type=thread&container_id=\(id)"
        }
        if case .chat = container, let window {
            query += "&start_time=\(window.lowerBound)&end_time=\(window.upperBound)"
        }
        query += "&page_size=50&card_msg_content_type=\(CardForm.raw.rawValue)"
        if let page { query += "&page_token=\(Self.percentEncoded(page))" }
        return try await messages(at: query, action: "the messages of a chat", host, token)
    }

    /// RFC 3986, 2.1: only unreserved characters stay.
    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            let isPlain = byte < 0x80 && Character(Unicode.Scalar(byte)).isLetter || (0x30...0x39).contains(byte)
            if isPlain || "-._~".utf8.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }

    private func messages(
        at path: String, action: String, _ host: LarkHost, _ token: TenantAccessToken
    ) async throws -> [UInt8] {
        let request = LarkRequest(get: "/open-apis/im/v1/messages" + path, at: host.address, bearer: token.secret)
        let (head, body) = try await call(request, maximumBytes: Self.largestResponse)
        if let error = LarkError(response: head, body: body, action: action, secrets: [token.secret]) { throw error }
        return body
    }
}
