import Hummingbird
import LarkAPI

/// The state of the service for people and for Prometheus: the status page and the metrics, both for the tenants that
/// the sender may use.
struct MonitoringController: Sendable {
    let tenants: TenantController
    let metrics: ServiceMetrics
    let connections: ConnectionRegistry
    let timing: Clocks

    /// - Parameters:
    ///   - pages: takes a browser's name and password too.
    ///   - group: takes bearer secrets alone.
    func addRoutes(pages: RouterGroup<ServiceRequestContext>, group: RouterGroup<ServiceRequestContext>) {
        pages.get("/", use: statusPage)
        group.get("metrics", use: metricsText)
    }

    @Sendable
    private func statusPage(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let principal = try context.authenticated()
        return StatusPage.response(
            tenants: try await tenants.states(for: principal), principal: principal.name, at: timing.now())
    }

    @Sendable
    private func metricsText(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let text = metrics.text(
            tenants: try await tenants.states(for: context.authenticated()), connections: connections.count,
            at: timing.now())
        return Response(contentType: "text/plain; version=0.0.4; charset=utf-8", body: ByteBuffer(string: text))
    }
}
