import AuthServiceClient
import FoundationEssentials
import Hummingbird
import LarkAPI
import TokenStore

/// Grants requests to the platform, so that all clients together stay within a tenant's rate limit.
struct QuotaController: Sendable {
    let quotaStore: any QuotaStore
    let audit: AuditLog
    let timing: Clocks

    func addRoutes(to group: RouterGroup<ServiceRequestContext>) {
        group.post("v1/tenants/{name}/quota", use: reserve)
    }

    /// Grants requests, and records what became of earlier grants.
    @Sendable
    private func reserve(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let tenant = try context.authorizedTenant()
        let body = try await request.decoded(as: QuotaRequest.self)
        guard let api = RateLimitedAPI(rawValue: body.api), body.isValid else {
            throw ServiceError.badRequest("api, count, unused or pause_ms is out of range")
        }
        // A pause holds up all clients of the tenant.
        if let pause = body.pauseMs, pause > 0 {
            let entry = AuditLog.Entry(
                audit: "pause", result: "\(min(pause, SlidingWindow.longestPause)) ms", tenant: tenant.text,
                who: try context.authenticated().name, address: context.remoteAddress)
            await audit.note(entry, at: timing.now())
        }
        return try await ServiceError.about(tenant) {
            try .json(try await reserve(body, from: QuotaKey(api, of: tenant)))
        }
    }

    private func reserve(_ body: QuotaRequest, from key: QuotaKey) async throws -> QuotaResponse {
        if let unused = body.unused, !unused.isEmpty { try await quotaStore.release(unused, of: key) }
        if let pause = body.pauseMs, pause > 0 { try await quotaStore.pause(key, for: .milliseconds(pause)) }
        guard let count = body.count, count > 0 else {
            return QuotaResponse(now: timing.now().milliseconds, epoch: try await quotaStore.epoch(of: key))
        }
        let grant = try await quotaStore.grant(count, from: key)
        return QuotaResponse(
            now: grant.now, instants: grant.instants, epoch: grant.epoch, isLimited: grant.isLimited)
    }
}
