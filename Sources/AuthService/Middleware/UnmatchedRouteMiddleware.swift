import HTTPTypes
import Hummingbird

/// Answers requests that match no route: 405 if the path has a route with another method, else 404.
///
/// It is added to the router after all routes, so requests that match a route never reach it.
struct UnmatchedRouteMiddleware: RouterMiddleware {
    private let routes: [(path: RouterPath, method: HTTPRequest.Method)]

    init(_ router: Router<ServiceRequestContext>) {
        routes = router.routes.map { ($0.path, $0.method) }
    }

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        let parts = request.uri.path.split(separator: "/")
        let match = routes.first { route in
            route.path.count == parts.count && zip(route.path, parts).allSatisfy { $0 ~= $1 }
        }
        guard let match else { throw ServiceError.notFound }
        context.coreContext.endpointPath.value = match.path.description
        throw ServiceError.methodNotAllowed(match.method.rawValue)
    }
}

/// Accepts only paths as they are documented. The router would also match doubled and trailing slashes, fragments and
/// absolute URIs, which a proxy in front may interpret differently.
struct StrictPathMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        let path = (request.head.path ?? "").prefix { $0 != "?" }
        guard path == request.uri.path, path == "/" || !path.hasSuffix("/"), !path.contains("//") else {
            context.coreContext.endpointPath.value = nil
            throw ServiceError.notFound
        }
        return try await next(request, context)
    }
}
