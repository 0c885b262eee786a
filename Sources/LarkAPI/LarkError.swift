/// A request to the platform that failed: what failed, what the platform said, what to do.
///
/// It never holds a secret: what the platform echoes of one is taken out before the error is made.
public struct LarkError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is. Outside this package, a `switch` needs `@unknown default`.
    @nonexhaustive
    public enum Kind: String, Sendable, CaseIterable {
        /// The platform has no such image or message for this app.
        case notFound = "not_found"
        /// The platform refuses, and will until somebody changes something.
        case refused
        /// The platform refuses this very token; a new one may do.
        case tokenRejected = "token_rejected"
        /// A quota or a back-off: the same request will pass later.
        case tryLater = "try_later"
        /// The platform answers, but has trouble of its own (HTTP 5xx and its codes for that).
        case unavailable
        /// No answer: name, connection, TLS, time.
        case unreachable
        /// The answer is not what the platform sends.
        case badAnswer = "bad_answer"
        /// More bytes than the platform or the caller allows.
        case tooLarge = "too_large"
    }

    /// What kind of failure it is.
    public let kind: Kind

    /// What happened, in our words.
    public let summary: String

    /// What to do next. `TENANT`, `KEY` and `APP_ID` stand for the ones at hand.
    public let remedy: String

    /// The HTTP status, where there was an answer.
    public let httpStatus: Int?

    /// The `code` of the answer's body.
    public let platformCode: Int?

    /// The `msg` of the answer's body, cleaned of control characters and secrets.
    public let platformMessage: String?

    /// The platform's own number of the request, which its support asks for.
    public let logID: String?

    /// How long the server asks to wait.
    public let retryAfter: Duration?

    /// Whether the same request may pass later without anybody doing anything.
    public let isRetryable: Bool

    /// The error below this one, where there is one.
    public let underlying: (any Error)?

    package init(
        _ kind: Kind,
        _ summary: String,
        remedy: String,
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

    /// The same error with another thing to do.
    package func withRemedy(_ remedy: String) -> LarkError {
        LarkError(
            kind, summary, remedy: remedy, httpStatus: httpStatus, platformCode: platformCode,
            platformMessage: platformMessage, logID: logID, retryAfter: retryAfter, isRetryable: isRetryable,
            underlying: underlying
        )
    }

    /// Whether the platform says that the token sent is no longer good.
    public var rejectsToken: Bool { kind == .tokenRejected }

    /// Whether the platform says that the app_ticket sent is no longer good (10012, by what the official SDKs do).
    public var isInvalidTicket: Bool { platformCode == 10012 }

    /// Whether app_id, app_secret or host are to blame, as far as the platform says.
    package var isCredentialError: Bool {
        platformCode.map { [10003, 10005, 10014, 10015, 99_991_543].contains($0) } ?? false
    }

    /// Whether it holds for all that the app asks for in this tenant: its month's quota is used up, it is disabled.
    package var affectsWholeTenant: Bool { platformCode.flatMap(LarkErrorCode.row(for:))?.affectsWholeTenant ?? false }

    /// Whether the platform wants fewer requests, and says for how long.
    package var isThrottling: Bool {
        kind == .tryLater && retryAfter != nil && (httpStatus == 429 || platformCode == 99_991_400)
    }

    /// One line: what happened, then what the platform said.
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

/// An error of another kind than ``LarkError`` that can be transient, such as a busy store.
package protocol TransientError: Error {
    var isTransient: Bool { get }
}

extension LarkError {
    /// Whether the same request can succeed later without any change.
    package static func isTransient(_ error: any Error) -> Bool {
        (error as? LarkError)?.isRetryable ?? (error as? any TransientError)?.isTransient ?? false
    }
}
