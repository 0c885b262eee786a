import Hummingbird

/// Counts requests and their durations by route. Stands before all others, so that it sees the final status.
struct RequestMetricsMiddleware: RouterMiddleware {
    let metrics: ServiceMetrics

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        metrics.recordRequest(
            // The pattern, not the path: names that clients make up must not become labels.
            context.endpointPath ?? "other", status: response.status.code,
            seconds: (ContinuousClock.now - start) / .seconds(1))
        return response
    }
}
