import Hummingbird
import LarkAPI
import Logging
import NIOPosix
import TokenStore

/// The status page and the metrics, both limited to the tenants that the sender may use.
struct MonitoringController: Sendable {
    let tenants: TenantController
    let metrics: ServiceMetrics
    let connections: ConnectionRegistry
    let timing: Clocks

    /// - Parameters:
    ///   - pages: accepts a browser's name and password as well.
    ///   - group: accepts bearer secrets only.
    func addRoutes(pages: RouterGroup<ServiceRequestContext>, group: RouterGroup<ServiceRequestContext>) {
        pages.get("/", use: statusPage)
        group.get("metrics", use: metricsText)
    }

    @Sendable
    private func statusPage(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let principal = try context.authenticated()
        let states = try await tenants.states(for: principal)
        // Thousands of tenants take a while.
        return try await NIOThreadPool.singleton.runIfActive {
            StatusPage.response(tenants: states, principal: principal.name, at: timing.now())
        }
    }

    @Sendable
    private func metricsText(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let principal = try context.authenticated()
        let states = try await tenants.states(for: principal)
        let openConnections = if case .peer = principal { connections.count } else { nil as Int? }
        let text = try await NIOThreadPool.singleton.runIfActive {
            metrics.text(tenants: states, connections: openConnections, at: timing.now())
        }
        return Response(contentType: "text/plain; version=0.0.4; charset=utf-8", body: ByteBuffer(string: text))
    }
}

/// The endpoints that need no secret: whether the service runs and can read its store, and the description of the
/// interface.
struct HealthController: Sendable {
    private let store: Store
    private let readiness: ReadThroughCache<Bool, Bool>

    init(store: Store, timing: Clocks) {
        self.store = store
        readiness = ReadThroughCache(timing: timing)
    }

    func addRoutes(to router: Router<ServiceRequestContext>) {
        router.get("healthz") { _, _ in try Response.json(["status": "ok"]) }
        router.get("readyz", use: readiness)
        router.get("openapi.json") { _, _ in
            Response(contentType: "application/json", body: ByteBuffer(bytes: PackageResources.openapi_json))
        }
    }

    @Sendable
    private func readiness(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        do {
            // Anyone may ask, so the store is read once a second at most.
            _ = try await readiness.value(for: true) { [store] in
                try store.checkIdentity()
                try await store.proveReadable()
                return true
            }
            return try .json(["status": "ready"])
        } catch {
            context.logger.error("the store cannot be read", metadata: ["error": "\(error)"])
            // Whatever the reason, the status is 503.
            var response = try ServiceError(error).response(from: request, context: context)
            response.status = .serviceUnavailable
            return response
        }
    }
}
