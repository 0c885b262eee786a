import HTTPTypes
import Hummingbird

/// Finds out who sends a request: the peer of a Unix socket, else the client whose secret it presents.
struct AuthenticationMiddleware: RouterMiddleware {
    let authenticator: ClientAuthenticator
    let connections: ConnectionRegistry
    /// Whether a browser's name and password are accepted beside a bearer secret.
    var acceptsBasic = false

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let peer = connections.peer(of: context.channel) {
            context.principal = .peer(peer)
        } else {
            context.principal = .client(
                try await authenticator.client(
                    request.headers[.authorization], from: context.remoteAddress ?? "", acceptsBasic: acceptsBasic))
        }
        return try await next(request, context)
    }
}
