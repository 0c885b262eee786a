import AuthServiceClient
import FoundationEssentials
import Hummingbird
import LarkAPI
import TokenStore

/// Grants requests to the platform, so that all clients together stay within a tenant's rate limit.
struct QuotaController: Sendable {
    let quotaStore: StoreQuotaStore
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
            throw ServiceError.badRequest("api, count, trips, unused or pause_ms is out of range")
        }
        return try await ServiceError.about(tenant) {
            try .json(try await reserve(body.count ?? 0, body.report, for: QuotaKey(api, of: tenant)))
        }
    }

    private func reserve(_ count: Int, _ report: QuotaReport, for key: QuotaKey) async throws -> QuotaResponse {
        guard count > 0 else {
            if report != QuotaReport() { try await quotaStore.note(report, on: key) }
            return QuotaResponse(
                now: timing.now().milliseconds, instants: [], epoch: try await quotaStore.epoch(of: key), fastest: nil,
                isLimited: true)
        }
        if !report.unused.isEmpty || report.pause != nil {
            try await quotaStore.note(QuotaReport(unused: report.unused, pause: report.pause), on: key)
        }
        let grant = try await quotaStore.grant(count, from: key, trips: report.trips)
        return QuotaResponse(
            now: grant.now, instants: grant.instants, epoch: grant.epoch,
            fastest: grant.minimumRoundTrip == .max ? nil : grant.minimumRoundTrip, isLimited: grant.isLimited)
    }
}
