import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the body, if it is not too long, before a route sees the request.
struct BodyLimitMiddleware: RouterMiddleware {
    /// Whether the body must be declared as JSON.
    let requiresJSON: Bool

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        var request = request
        if requiresJSON, !request.isJSON { throw ServiceError.notJSON }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > RequestLimits.body {
            throw ServiceError.tooLarge
        }
        do {
            _ = try await request.collectBody(upTo: RequestLimits.body)
        } catch is NIOTooManyBytesError {
            throw ServiceError.tooLarge
        }
        return try await next(request, context)
    }
}

extension Request {
    fileprivate var isJSON: Bool {
        headers[.contentType]?.prefix { $0 != ";" }.filter { $0 != " " }.lowercased() == "application/json"
    }
}
