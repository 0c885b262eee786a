import FoundationEssentials

extension LarkError {
    /// The error in a response, from the code in its body, else from its status.
    ///
    /// - Parameters:
    ///   - head: status and headers.
    ///   - body: the body, or its beginning.
    ///   - action: what was requested, in words that can follow "refused": "a tenant_access_token for cli_a1".
    ///   - secrets: the secrets in the request, redacted wherever the response repeats them.
    /// - Returns: nil if the status is a success and the body is not an error of the platform.
    package init?(response head: ResponseHead, body: [UInt8], action: String, secrets: [Secret]) {
        // A file or a page of another server does not decode. Then, as with code 0, the status decides.
        guard let envelope = try? JSONDecoder().decode(ErrorEnvelope.self, from: Data(body)), envelope.code != 0 else {
            guard let error = LarkError(status: head, action: action) else { return nil }
            self = error
            return
        }
        self.init(envelope: envelope, head: head, action: action, secrets: secrets)
    }

    private init(envelope: ErrorEnvelope, head: ResponseHead, action: String, secrets: [Secret]) {
        let row = LarkErrorCode.row(for: envelope.code)
        let isServerFault = head.status >= 500
        let isThrottled = head.status == 429
        let kind = row?.kind ?? (isThrottled ? .tryLater : isServerFault ? .unavailable : .refused)
        self.init(
            kind,
            row?.meaning ?? "the platform refused \(action)",
            remedy: row?.remedy(at: head.date)
                ?? "Look up the code in the platform's documents, or give the log id to its support",
            httpStatus: head.status,
            platformCode: envelope.code,
            platformMessage: envelope.message.map { Self.sanitized($0, of: secrets) },
            logID: envelope.logID.flatMap { ResponseHead.validLogID($0, secrets: secrets) } ?? head.logID,
            retryAfter: isThrottled || row?.traits.contains(.rateLimit) == true
                ? head.retryAfter ?? Self.unnamedWait : nil,
            isRetryable: row?.isRetryable ?? (isServerFault || isThrottled)
        )
    }

    private init?(status head: ResponseHead, action: String) {
        let kind: Kind
        let summary: String
        let remedy: Remedy
        switch head.status {
        case 200...299:
            return nil
        case 300...399:
            kind = .badResponse
            summary = "the server redirects to another address, and tokens are not sent there"
            remedy = Remedy("", PlatformAction.checkHost)
        case 401, 403:
            kind = .refused
            summary = "the server refused \(action)"
            remedy = Remedy("Check the app in the developer console", PlatformAction.checkHost)
        case 429:
            kind = .tryLater
            summary = "too many requests"
            remedy = Remedy("Run this again later", PlatformAction.lowerConcurrency)
        case 500...:
            kind = .unavailable
            summary = "the platform reports an internal error"
            remedy = "Run this again in a minute"
        default:
            kind = .badResponse
            summary = "the response is not from the Open Platform"
            remedy = Remedy("", PlatformAction.checkHost)
        }
        self.init(
            kind,
            summary,
            remedy: remedy,
            httpStatus: head.status,
            logID: head.logID,
            retryAfter: head.status == 429 ? head.retryAfter ?? Self.unnamedWait : nil,
            isRetryable: head.status == 429 || head.status >= 500
        )
    }

    /// The wait after a rate limit error that names none, as in the platform's own CLI.
    private static let unnamedWait = Duration.seconds(1)

    private static func sanitized(_ message: String, of secrets: [Secret]) -> String {
        TerminalText.visible(secrets.reduce(message) { $1.removed(from: $0) }, limit: 300)
    }
}

/// The body of an error: `code`, `msg` and, most of the time, `error.log_id` (document "Calling an API").
private struct ErrorEnvelope: Decodable {
    let code: Int
    let message: String?
    let logID: String?

    private enum CodingKeys: String, CodingKey {
        case code
        case message = "msg"
        case error
    }

    private struct Details: Decodable {
        let logID: String?

        private enum CodingKeys: String, CodingKey {
            case logID = "log_id"
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        code = try container.decode(Int.self, forKey: .code)
        // A message or a log id of another type is no reason to lose the code.
        message = try? container.decodeIfPresent(String.self, forKey: .message)
        logID = try? container.decodeIfPresent(Details.self, forKey: .error)?.logID
    }
}
