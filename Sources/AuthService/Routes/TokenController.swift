import AuthServiceClient
import FoundationEssentials
import Hummingbird
import LarkAPI
import TokenStore

/// Provides tokens, and invalidates those that the platform rejected.
struct TokenController: Sendable {
    let tokens: CachingTokenProvider
    let refresher: TokenRefresher
    let audit: AuditLog
    let metrics: ServiceMetrics
    let timing: Clocks
    private let bodies = SecondCache<BodyKey, ByteBuffer>()

    private struct BodyKey: Hashable {
        let tenant: TenantName
        let token: TenantAccessToken
    }

    /// The values of min_ttl, in seconds. The platform guarantees no more than half an hour.
    private static let lifetimes = 0...1800
    private static let defaultLifetime = 300

    func addRoutes(to group: RouterGroup<ServiceRequestContext>) {
        group.post("v1/tenants/{name}/token", use: token)
        group.post("v1/tenants/{name}/token/reject", use: reject)
    }

    @Sendable
    private func token(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        do {
            let tenant = try context.authorizedTenant()
            let lifetime = try await Self.lifetime(in: request)
            do {
                let token = try await tokens.token(for: tenant, goodFor: lifetime)
                // No token is returned without a line in the audit log.
                try await record("token", result: "given", context)
                return try response(token, tenant: tenant)
            } catch {
                let failure = ServiceError(error, tenant: tenant)
                // A peer of a Unix socket may name any tenant; unknown names must not fill the metrics.
                if (error as? StoreError)?.code != .unknownTenant {
                    metrics.recordToken(of: tenant, result: failure.type)
                }
                throw failure
            }
        } catch let error as ServiceError {
            try await record("token", result: error.type, context)
            throw error
        }
    }

    private func response(_ token: TenantAccessToken, tenant: TenantName) throws -> Response {
        refresher.noteRequest(for: tenant, token)
        metrics.recordToken(of: tenant, result: "given")
        // The end of the second, so that expires_in never promises too much.
        let now = Date(timeIntervalSinceReferenceDate: timing.now().timeIntervalSinceReferenceDate.rounded(.up))
        let body = try bodies.value(for: BodyKey(tenant: tenant, token: token), at: now) { now in
            ByteBuffer(bytes: try ServiceJSON.encode(TokenResponse(token, tenant: tenant, at: now)))
        }
        return Response(contentType: "application/json", body: body)
    }

    /// How long the token must be valid.
    ///
    /// - Throws: ``ServiceError`` 400.
    private static func lifetime(in request: Request) async throws -> Duration {
        let seconds = try await request.decoded(as: TokenRequestBody.self).minTtl ?? defaultLifetime
        guard lifetimes.contains(seconds) else {
            throw ServiceError.badRequest("min_ttl must be from \(lifetimes.lowerBound) to \(lifetimes.upperBound)")
        }
        return .seconds(seconds)
    }

    @Sendable
    private func reject(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let tenant = try await tenantToReject(context)
        let text = try await request.decoded(as: RejectTokenRequest.self).tenantAccessToken
        // Only the text is compared. A text that cannot be a token matches no stored one.
        var result = RejectionResult.accepted
        if let token = TenantAccessToken(text, expiresAt: timing.now()) {
            result = try await ServiceError.about(tenant) { try await tokens.reject(token, for: tenant) }
        }
        try await record("reject", result: "taken", context)
        return try .json(RejectTokenResponse(result))
    }

    private func tenantToReject(_ context: ServiceRequestContext) async throws -> TenantName {
        do {
            return try context.authorizedTenant()
        } catch let error as ServiceError {
            await audit.note(try entry("reject", result: error.type, context), at: timing.now())
            throw error
        }
    }

    private func record(_ action: String, result: String, _ context: ServiceRequestContext) async throws {
        try await audit.record(try entry(action, result: result, context), at: timing.now())
    }

    private func entry(
        _ action: String, result: String, _ context: ServiceRequestContext
    ) throws -> AuditLog.Entry {
        AuditLog.Entry(
            audit: action, result: result, tenant: context.requestedTenant, who: try context.authenticated().name,
            address: context.remoteAddress)
    }
}
