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
    let pauses: PauseReports

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
        let principal = try context.authenticated()
        return try await ServiceError.about(tenant) {
            try .json(try await reserve(body, from: QuotaKey(api, of: tenant), for: principal, context))
        }
    }

    private func reserve(
        _ body: QuotaRequest, from key: QuotaKey, for principal: Principal, _ context: ServiceRequestContext
    ) async throws -> QuotaResponse {
        let unused = body.unused ?? []
        if let pause = body.pauseMs, pause > 0 {
            try await self.pause(key, milliseconds: min(pause, SlidingWindow.longestPause), by: principal, context)
        }
        let pausedMs = pauses.remaining(of: key, for: principal.identity)
        guard let count = body.count, count > 0 else {
            if !unused.isEmpty { try await quotaStore.release(unused, of: key) }
            return QuotaResponse(
                now: timing.now().milliseconds, epoch: try await quotaStore.epoch(of: key), pausedMs: pausedMs)
        }
        let grant = try await quotaStore.grant(count, from: key, releasing: unused)
        return QuotaResponse(
            now: grant.now, instants: grant.instants, epoch: grant.epoch, isLimited: grant.isLimited,
            pausedMs: pausedMs, monthLeft: grant.monthLeft.map { Int64($0) })
    }

    private func pause(
        _ key: QuotaKey, milliseconds: Int64, by principal: Principal, _ context: ServiceRequestContext
    ) async throws {
        let isConfirmed = pauses.record(.milliseconds(milliseconds), of: key, by: principal.identity)
        await audit.note(
            AuditLog.Entry(
                audit: "pause", result: "\(milliseconds) ms\(isConfirmed ? " for all clients" : "")",
                tenant: key.tenant.text, who: principal.name, address: context.remoteAddress),
            at: timing.now())
        if isConfirmed { try await quotaStore.pause(key, for: .milliseconds(milliseconds)) }
    }
}
