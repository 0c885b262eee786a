/// A failed request to the platform: what failed, what the platform said, and what to do.
///
/// It never holds a secret: if the platform repeats one, it is redacted first.
public struct LarkError: ReportableError {
    /// What kind of failure it is. Outside this package, a `switch` needs `@unknown default`.
    @nonexhaustive
    public enum Kind: String, Sendable, CaseIterable {
        /// The platform has no such image or message for this app.
        case notFound = "not_found"
        /// The platform refuses until something is changed.
        case refused
        /// The platform rejected the token; a new one may work.
        case tokenRejected = "token_rejected"
        /// A quota or a back-off: the same request can succeed later.
        case tryLater = "try_later"
        /// The platform reports an internal error (HTTP 5xx, and its codes for that).
        case unavailable
        /// No response: name lookup, connection, TLS or timeout.
        case unreachable
        /// The response is not in the platform's form.
        case badResponse = "bad_answer"
        /// The body is larger than the platform or the caller allows.
        case tooLarge = "too_large"
    }

    /// What kind of failure it is.
    public let kind: Kind

    /// What failed, in one line.
    public let summary: String

    /// What to do next.
    public let remedy: Remedy?

    /// The HTTP status of the response, if there was one.
    public let httpStatus: Int?

    /// The `code` in the body.
    public let platformCode: Int?

    /// The `msg` in the body, without control characters and secrets.
    public let platformMessage: String?

    /// The platform's id of the request, which its support asks for.
    public let logID: String?

    /// How long to wait, as the server says.
    public let retryAfter: Duration?

    /// Whether the same request can succeed later without any change.
    public let isRetryable: Bool

    /// The cause, if there is one.
    public let underlying: (any Error)?

    package init(
        _ kind: Kind,
        _ summary: String,
        remedy: Remedy?,
        httpStatus: Int? = nil,
        platformCode: Int? = nil,
        platformMessage: String? = nil,
        logID: String? = nil,
        retryAfter: Duration? = nil,
        isRetryable: Bool = false,
        underlying: (any Error)? = nil
    ) {
        self.kind = kind
        self.summary = summary
        self.remedy = remedy
        self.httpStatus = httpStatus
        self.platformCode = platformCode
        self.platformMessage = platformMessage
        self.logID = logID
        self.retryAfter = retryAfter
        self.isRetryable = isRetryable
        self.underlying = underlying
    }

    /// The same error with another remedy.
    package func withRemedy(_ remedy: Remedy) -> LarkError {
        LarkError(
            kind, summary, remedy: remedy, httpStatus: httpStatus, platformCode: platformCode,
            platformMessage: platformMessage, logID: logID, retryAfter: retryAfter, isRetryable: isRetryable,
            underlying: underlying
        )
    }

    /// The same error, with more about what was tried.
    package func adding(_ text: String) -> LarkError {
        LarkError(
            kind, "\(summary); \(text)", remedy: remedy, httpStatus: httpStatus, platformCode: platformCode,
            platformMessage: platformMessage, logID: logID, retryAfter: retryAfter, isRetryable: isRetryable,
            underlying: underlying
        )
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var reportType: String { kind.rawValue }

    /// Whether the token is no longer valid.
    public var rejectsToken: Bool { kind == .tokenRejected }

    /// Whether the app_ticket is no longer valid.
    public var isInvalidTicket: Bool { traits.contains(.ticket) }

    /// Whether the platform says that app_id, app_secret or host is wrong.
    package var isCredentialError: Bool { traits.contains(.credentials) }

    /// Whether every request of the app in this tenant would fail the same way, as when it is disabled.
    package var affectsWholeTenant: Bool { traits.contains(.wholeTenant) }

    /// Whether another message may hold what this one does not, or not for this app.
    package var suggestsOtherMessage: Bool { traits.contains(.otherMessage) }

    /// Whether the platform will never deliver what it refuses.
    package var isFinal: Bool { traits.contains(.final) }

    /// Whether the platform limits the rate of requests, and says for how long.
    package var isThrottling: Bool {
        kind == .tryLater && retryAfter != nil && (httpStatus == 429 || traits.contains(.rateLimit))
    }

    /// Whether the calls of the month are used up.
    package var isMonthUsedUp: Bool { traits.contains(.monthQuota) }

    private var traits: LarkErrorCode.Traits { platformCode.flatMap(LarkErrorCode.row(for:))?.traits ?? [] }

    /// One line: what failed, then what the platform said.
    public var description: String {
        var said: [String] = []
        switch (platformCode, platformMessage) {
        case (let code?, let message?) where !message.isEmpty: said.append("\(code): \(message)")
        case (let code?, _): said.append("\(code)")
        case (nil, _): if let httpStatus { said.append("HTTP \(httpStatus)") }
        }
        if let logID { said.append("log id \(logID)") }
        return said.isEmpty ? summary : "\(summary) (\(said.joined(separator: ", ")))"
    }
}
