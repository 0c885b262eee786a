import HTTPTypes
import LarkAPI
import NIOCore
import TokenStore

/// A request that is refused, or that failed, as the one who sent it is told.
struct ServiceError: Error {
    let status: HTTPResponse.Status
    /// The `type` of the answer, which scripts and metrics go by.
    let type: String
    let report: ErrorReport
    let fields: [(HTTPField.Name, String)]
    /// What the service's own log is told, where the one who asked is not.
    let underlying: (any Error)?

    private init(
        _ status: HTTPResponse.Status, _ type: String, _ message: String, remedy: String, retryable: Bool = false,
        fields: [(HTTPField.Name, String)] = [], underlying: (any Error)? = nil
    ) {
        self.init(
            status, ErrorReport(type: type, message: message, remedy: remedy, retryable: retryable), type: type,
            fields: fields, underlying: underlying)
    }

    private init(
        _ status: HTTPResponse.Status, _ report: ErrorReport, type: String, fields: [(HTTPField.Name, String)],
        underlying: (any Error)? = nil
    ) {
        self.status = status
        self.report = report
        self.type = type
        self.fields = fields
        self.underlying = underlying
    }

    var answer: ServiceResponse {
        // A report has texts, numbers and truths alone, so that encoding it cannot fail; an empty object would say as
        // much as can be said then.
        let answer = (try? ServiceResponse.json(["error": report], status: status)) ?? .json(.init(string: "{}"))
        return ServiceResponse(
            status: status, contentType: answer.contentType, body: answer.body, fields: fields)
    }
}

extension ServiceError {
    static let notFound = ServiceError(
        .notFound, "not_found", "there is nothing at this address", remedy: "See GET /openapi.json for what there is")

    static func methodNotAllowed(_ allowed: String) -> ServiceError {
        ServiceError(
            .methodNotAllowed, "method_not_allowed", "this address takes \(allowed) alone", remedy: "Use \(allowed)",
            fields: [(.allow, allowed)])
    }

    static let wrongHost = ServiceError(
        .misdirectedRequest, "wrong_host", "the Host header does not name this service",
        remedy: "Use the address the service listens on, or run it with --public-host")

    static let fromBrowserOrProxy = ServiceError(
        .forbidden, "forbidden", "the request comes from a web page or through a proxy",
        remedy: "Send it directly, without Origin, Sec-Fetch-Site, Forwarded and X-Forwarded-For")

    static let notJSON = ServiceError(
        .unsupportedMediaType, "unsupported_media_type", "the body is not declared as JSON",
        remedy: "Send Content-Type: application/json")

    static let tooLarge = ServiceError(
        .contentTooLarge, "too_large", "the body is larger than \(RequestLimits.body) bytes", remedy: "Send less")

    static func badRequest(_ message: String) -> ServiceError {
        ServiceError(.badRequest, "bad_request", message, remedy: "See GET /openapi.json for what is taken")
    }

    static func unauthorized(challenge: String = "Bearer") -> ServiceError {
        ServiceError(
            .unauthorized, "unauthorized", "no client of this service sent this request",
            remedy: "Send Authorization: Bearer with a secret of larkimg client add that has not ended",
            fields: [(.wwwAuthenticate, challenge)])
    }

    static func tooMany(retryAfter seconds: Int) -> ServiceError {
        ServiceError(
            .tooManyRequests, "too_many_requests", "too many requests", remedy: "Wait as long as Retry-After says",
            retryable: true, fields: [(.retryAfter, "\(seconds)")])
    }

    /// One answer for a tenant that is not there and for one that is somebody else's.
    static func unknownTenant(_ name: String) -> ServiceError {
        ServiceError(
            .notFound, "unknown_tenant", "there is no tenant \(TerminalText.visible(name, limit: 64)) for this client",
            remedy: "See GET /v1/tenants; larkimg client update grants a tenant to a client")
    }

    /// One answer for whatever is wrong with an event, so that nobody learns what.
    static let eventRefused = ServiceError(
        .badRequest, "event_refused", "the event was not taken",
        remedy: "Check the address, Encrypt Key and Verification Token of the app, and the clocks")

    /// What a request for a token or a look into the store ended with.
    init(_ error: any Error, tenant: TenantName? = nil) {
        switch error {
        case let error as ServiceError:
            self = error
        case let error as LarkError:
            let remedy = tenant.map { error.remedy.replacing("TENANT", with: $0.text) } ?? error.remedy
            let isTransient =
                switch error.kind {
                case .tryLater, .unavailable: true
                case .notFound, .refused, .tokenRejected, .unreachable, .badAnswer, .tooLarge: false
                }
            self.init(
                isTransient ? .serviceUnavailable : .badGateway, ErrorReport(error, remedy: remedy),
                type: error.kind.rawValue,
                fields: error.retryAfter.map { [(.retryAfter, "\(max(1, $0.components.seconds))")] } ?? [])
        case let error as StoreError where error.code == .unknownTenant:
            self = .unknownTenant(tenant?.text ?? "")
        case let error as StoreError:
            // Where the store lies is the operator's to know: it stands in the service's own log.
            self.init(
                error.code == .busy ? .serviceUnavailable : .internalServerError, error.code.rawValue,
                "the service's store cannot be used", remedy: "Look into the service's log",
                retryable: error.code == .busy, underlying: error)
        default:
            self.init(
                .internalServerError, "internal", "the service failed", remedy: "Look into the service's log",
                underlying: error)
        }
    }
}
