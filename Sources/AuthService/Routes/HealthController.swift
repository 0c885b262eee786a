import Hummingbird
import Logging
import TokenStore

/// What anybody may ask without a secret: whether the service runs and can read its store, and what its interface is.
struct HealthController: Sendable {
    let store: Store

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
            try await store.proveReadable()
            return try .json(["status": "ready"])
        } catch {
            context.logger.error("the store cannot be read", metadata: ["error": "\(error)"])
            // Not ready is one status, whatever the reason.
            var response = try ServiceError(error).response(from: request, context: context)
            response.status = .serviceUnavailable
            return response
        }
    }
}
