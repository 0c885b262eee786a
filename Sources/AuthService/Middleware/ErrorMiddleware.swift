import Hummingbird
import Logging
import NIOHTTP1

/// Answers with the JSON of a ``ServiceError`` where a request fails, whatever it fails with.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            // Nothing that follows on the connection can be understood: the server answers 400 and closes it.
            throw error
        } catch {
            let failure = ServiceError(error)
            if let underlying = failure.underlying {
                context.logger.error("a request failed", metadata: ["error": "\(underlying)"])
            }
            return try failure.response(from: request, context: context)
        }
    }
}
