import HTTPTypes
import Hummingbird
import LarkAPI
import Logging
import NIOHTTP1
import SystemPackage
import TokenStore

/// The error response to a request.
struct ServiceError: HTTPResponseError {
    let status: HTTPResponse.Status
    /// The `type` in the body, by which scripts and metrics tell errors apart.
    let type: String
    let report: ErrorReport
    private let fields: HTTPFields
    /// The cause, for the service's log only.
    let underlying: (any Error)?
    /// The result in the audit log, for a request that was refused before its sender was authenticated.
    let auditResult: String?

    private init(
        _ status: HTTPResponse.Status, _ type: String, _ message: String, remedy: String, retryable: Bool = false,
        fields: HTTPFields = [:], underlying: (any Error)? = nil, audit: String? = nil
    ) {
        self.init(
            status, ErrorReport(type: type, message: message, remedy: remedy, retryable: retryable), type: type,
            fields: fields, underlying: underlying, audit: audit)
    }

    private init(
        _ status: HTTPResponse.Status, _ report: ErrorReport, type: String, fields: HTTPFields,
        underlying: (any Error)? = nil, audit: String? = nil
    ) {
        self.status = status
        self.report = report
        self.type = type
        self.fields = fields
        self.underlying = underlying
        auditResult = audit
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        try .json(["error": report], status: status, fields: fields)
    }
}

extension ServiceError {
    static let notFound = ServiceError(
        .notFound, "not_found", "there is no such endpoint", remedy: "GET /openapi.json lists the endpoints")

    static func methodNotAllowed(_ allowed: String) -> ServiceError {
        ServiceError(
            .methodNotAllowed, "method_not_allowed", "this endpoint supports \(allowed) only",
            remedy: "Use \(allowed)", fields: [.allow: allowed])
    }

    static let wrongHost = ServiceError(
        .misdirectedRequest, "wrong_host", "the Host header does not name this service",
        remedy: "Send the host and port that the service listens on, or one of its public hosts",
        audit: "wrong_host")

    static let fromBrowserOrProxy = ServiceError(
        .forbidden, "forbidden", "the request comes from a web page or through a proxy",
        remedy: "Send it directly, without Origin, Sec-Fetch-Site, Forwarded, X-Forwarded-For, X-Real-IP or Via",
        audit: "forbidden")

    static let notJSON = ServiceError(
        .unsupportedMediaType, "unsupported_media_type", "the Content-Type is not application/json",
        remedy: "Send Content-Type: application/json")

    static let tooLarge = ServiceError(
        .contentTooLarge, "too_large", "the body is larger than \(RequestLimits.body) bytes",
        remedy: "Send a smaller body")

    static func badRequest(_ message: String) -> ServiceError {
        ServiceError(.badRequest, "bad_request", message, remedy: "GET /openapi.json describes the body")
    }

    static func unauthorized(challenge: String = "Bearer") -> ServiceError {
        ServiceError(
            .unauthorized, "unauthorized", "missing or invalid client secret",
            remedy: "Send Authorization: Bearer with a client secret that has not expired and was not revoked",
            fields: [.wwwAuthenticate: challenge], audit: "unauthorized")
    }

    static func tooMany(retryAfter seconds: Int) -> ServiceError {
        ServiceError(
            .tooManyRequests, "too_many_requests", "too many requests", remedy: "Wait for the time in Retry-After",
            retryable: true, fields: [.retryAfter: "\(seconds)"])
    }

    /// A wrong client secret from an address that has sent too many of them.
    static func lockedOut(retryAfter seconds: Int) -> ServiceError {
        ServiceError(
            .tooManyRequests, "too_many_requests", "too many wrong client secrets from this address",
            remedy: "Send a valid client secret, or wait for the time in Retry-After", retryable: true,
            fields: [.retryAfter: "\(seconds)"], audit: "locked_out")
    }

    /// The same for a tenant that does not exist and for a tenant of other clients.
    static func unknownTenant(_ name: String) -> ServiceError {
        ServiceError(
            .notFound, "unknown_tenant", "there is no tenant \(TerminalText.visible(name, limit: 64)) for this client",
            remedy: "GET /v1/tenants lists this client's tenants")
    }

    /// The same whatever is wrong with an event, so that a forger learns nothing.
    static let eventRefused = ServiceError(
        .badRequest, "event_refused", "the event was refused",
        remedy: "Check the app's request address, Encrypt Key and Verification Token, and the clocks")

    /// Runs a body and turns its errors into responses about a tenant.
    ///
    /// - Throws: ``ServiceError``.
    static func about<Result>(_ tenant: TenantName, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch {
            throw ServiceError(error, tenant: tenant)
        }
    }

    /// Creates the response to any error.
    init(_ error: any Error, tenant: TenantName? = nil) {
        switch error {
        case let error as ServiceError:
            self = error
        case let error as LarkError:
            let isTransient =
                switch error.kind {
                case .tryLater, .unavailable: true
                case .notFound, .refused, .tokenRejected, .unreachable, .badResponse, .tooLarge: false
                }
            self.init(
                isTransient ? .serviceUnavailable : .badGateway, ErrorReport(error, remedy: error.remedy?.description),
                type: error.kind.rawValue,
                fields: error.retryAfter.map { [.retryAfter: "\(max(1, $0.components.seconds))"] } ?? [:])
        case Errno.resourceTemporarilyUnavailable:
            self.init(
                .serviceUnavailable, "try_later", "the audit log takes no lines at the moment",
                remedy: "See the service's log", retryable: true, underlying: error)
        case let error as StoreError where error.code == .unknownTenant:
            self = .unknownTenant(tenant?.text ?? "")
        case let error as StoreError where error.code == .secretUnusable || error.code == .secretUnavailable:
            // Where it is read is for the service's log only.
            self.init(
                .serviceUnavailable, error.code.rawValue, "the service cannot read the app_secret of the tenant's app",
                remedy: "See the service's log", retryable: error.isRetryable, underlying: error)
        case let error as StoreError where error.code == .serverUnavailable:
            // Its address is for the service's log only.
            self.init(
                .serviceUnavailable, error.code.rawValue, "the service's database server cannot be used",
                remedy: "See the service's log", retryable: true, underlying: error)
        case let error as StoreError:
            // The description names the store's path, which is for the service's log only. The reason does not.
            self.init(
                error.code == .busy ? .serviceUnavailable : .internalServerError, error.code.rawValue,
                "the service's store cannot be used" + (error.reason.map { ": \($0)" } ?? ""),
                remedy: "See the service's log",
                retryable: error.code == .busy, underlying: error)
        default:
            self.init(
                .internalServerError, "internal", "the service failed", remedy: "See the service's log",
                underlying: error)
        }
    }
}

/// Turns every error of a request into a JSON response, and records refused requests in the audit log.
struct ErrorMiddleware: RouterMiddleware {
    let audit: AuditLog
    let timing: Clocks

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            // The rest of the connection cannot be parsed: the server answers 400 and closes it.
            throw error
        } catch {
            let failure = ServiceError(error)
            if let underlying = failure.underlying {
                context.logger.error("a request failed", metadata: ["error": "\(underlying)"])
            }
            if let result = failure.auditResult {
                let entry = AuditLog.Entry(audit: "request", result: result, address: context.remoteAddress)
                await audit.note(entry, at: timing.now())
            }
            return try failure.response(from: request, context: context)
        }
    }
}
