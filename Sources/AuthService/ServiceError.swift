import HTTPTypes
import Hummingbird
import LarkAPI
import TokenStore

/// A request that is refused, or that failed, as its client sees it.
struct ServiceError: HTTPResponseError {
    let status: HTTPResponse.Status
    /// The `type` in the body, which scripts and metrics go by.
    let type: String
    private let report: ErrorReport
    private let fields: HTTPFields
    /// For the service's own log, where it is not for the client.
    let underlying: (any Error)?

    private init(
        _ status: HTTPResponse.Status, _ type: String, _ message: String, remedy: String, retryable: Bool = false,
        fields: HTTPFields = [:], underlying: (any Error)? = nil
    ) {
        self.init(
            status, ErrorReport(type: type, message: message, remedy: remedy, retryable: retryable), type: type,
            fields: fields, underlying: underlying)
    }

    private init(
        _ status: HTTPResponse.Status, _ report: ErrorReport, type: String, fields: HTTPFields,
        underlying: (any Error)? = nil
    ) {
        self.status = status
        self.report = report
        self.type = type
        self.fields = fields
        self.underlying = underlying
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        try .json(["error": report], status: status, fields: fields)
    }
}

extension ServiceError {
    static let notFound = ServiceError(
        .notFound, "not_found", "there is nothing at this address", remedy: "See GET /openapi.json for what there is")

    static func methodNotAllowed(_ allowed: String) -> ServiceError {
        ServiceError(
            .methodNotAllowed, "method_not_allowed", "this address takes \(allowed) alone", remedy: "Use \(allowed)",
            fields: [.allow: allowed])
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
            fields: [.wwwAuthenticate: challenge])
    }

    static func tooMany(retryAfter seconds: Int) -> ServiceError {
        ServiceError(
            .tooManyRequests, "too_many_requests", "too many requests", remedy: "Wait as long as Retry-After says",
            retryable: true, fields: [.retryAfter: "\(seconds)"])
    }

    /// The same for a tenant that does not exist and for one of other clients.
    static func unknownTenant(_ name: String) -> ServiceError {
        ServiceError(
            .notFound, "unknown_tenant", "there is no tenant \(TerminalText.visible(name, limit: 64)) for this client",
            remedy: "See GET /v1/tenants; larkimg client update grants a tenant to a client")
    }

    /// The same whatever is wrong with an event, so that a forger does not learn what.
    static let eventRefused = ServiceError(
        .badRequest, "event_refused", "the event was not taken",
        remedy: "Check the address, Encrypt Key and Verification Token of the app, and the clocks")

    /// Runs a body whose errors are about a tenant.
    ///
    /// - Throws: ``ServiceError``.
    static func about<Result>(_ tenant: TenantName, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch {
            throw ServiceError(error, tenant: tenant)
        }
    }

    /// The response to an error of the platform, of the store, or any other.
    init(_ error: any Error, tenant: TenantName? = nil) {
        switch error {
        case let error as ServiceError:
            self = error
        case let error as LarkError:
            let isTransient =
                switch error.kind {
                case .tryLater, .unavailable: true
                case .notFound, .refused, .tokenRejected, .unreachable, .badAnswer, .tooLarge: false
                }
            self.init(
                isTransient ? .serviceUnavailable : .badGateway, ErrorReport(error, remedy: error.remedy?.description),
                type: error.kind.rawValue,
                fields: error.retryAfter.map { [.retryAfter: "\(max(1, $0.components.seconds))"] } ?? [:])
        case let error as StoreError where error.code == .unknownTenant:
            self = .unknownTenant(tenant?.text ?? "")
        case let error as StoreError:
            // The store's path is for the operator only, in the service's log.
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
