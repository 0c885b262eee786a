import Hummingbird

/// The address that the platform pushes a store app's events to. The signature of an event takes the place of a secret.
struct EventController: Sendable {
    let webhook: EventWebhook
    let metrics: ServiceMetrics

    func addRoutes(to group: RouterGroup<ServiceRequestContext>) {
        group.post("events/{app}", use: receive)
    }

    @Sendable
    private func receive(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        do {
            var request = request
            let body = try await request.collectBody(upTo: RequestLimits.body)
            let reply = try await webhook.receive(
                request.head, body: Array(body.readableBytesView), app: context.parameters.get("app") ?? "")
            metrics.recordEvent(isAccepted: true)
            return try .json(reply)
        } catch let error as ServiceError {
            metrics.recordEvent(isAccepted: false)
            throw error
        }
    }
}
