import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import LarkAPI
import Logging
import NIOCore
import NIOHTTP1
import TokenStore

/// Answers one request: who sent it, whether it may, what it asks for.
struct AuthServiceRouter: Sendable {
    let controller: TokenController
    let webhook: EventWebhook
    let authenticator: ClientAuthenticator
    let rateLimiter: ClientRateLimiter
    let guarding: CrossOriginGuard
    let connections: ConnectionRegistry
    let metrics: ServiceMetrics

    /// - Parameters:
    ///   - request: what came.
    ///   - channel: where it came from.
    /// - Throws: `HTTPParserError` for what is no HTTP.
    func respond(to request: Request, on channel: any Channel) async throws -> Response {
        let start = ContinuousClock.now
        let route = ServiceRoute(path: request.head.path ?? "")
        let answer: ServiceResponse
        do {
            answer = try await self.answer(route, request, on: channel)
        } catch let error as HTTPParserError {
            // What follows on the connection is anybody's guess: the server answers 400 and closes it.
            throw error
        } catch {
            let failure = ServiceError(error)
            if let underlying = failure.underlying {
                Logger.current.error("a request failed", metadata: ["error": "\(underlying)"])
            }
            answer = failure.answer
        }
        let took = ContinuousClock.now - start
        metrics.noteRequest(route?.label ?? "other", status: answer.status.code, seconds: took / .seconds(1))
        return answer.response
    }

    private func answer(
        _ route: ServiceRoute?, _ request: Request, on channel: any Channel
    ) async throws -> ServiceResponse {
        // The platform, and no browser, posts to these, through whatever proxy makes the address a public one.
        if case .event(let app) = route, request.method == .post { return try await event(app, request) }
        try guarding.check(request.head, port: channel.localAddress?.port, isPage: route == .statusPage)
        guard let route else { throw ServiceError.notFound }
        guard request.method == route.method else { throw ServiceError.methodNotAllowed(route.method.rawValue) }
        switch route {
        case .health: return try .json(["status": "ok"])
        case .readiness: return try await readiness()
        case .openAPI: return .json(ByteBuffer(bytes: PackageResources.openapi_json))
        case .event: throw ServiceError.notFound
        case .statusPage, .metrics, .tenants, .tenant, .token, .rejection, .quota: break
        }
        let address = channel.remoteAddress?.ipAddress
        let caller = try await caller(of: request, on: channel, from: address, route: route)
        try rateLimiter.take(caller)
        switch route {
        case .statusPage:
            return StatusPage.answer(
                tenants: try await controller.states(for: caller), who: caller.name, at: controller.timing.now())
        case .metrics:
            let text = metrics.text(
                tenants: try await controller.states(for: caller), connections: connections.count,
                at: controller.timing.now())
            return ServiceResponse(
                status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: ByteBuffer(string: text))
        case .tenants:
            return try .json(["tenants": try await controller.states(for: caller)])
        case .tenant(let name):
            return try await controller.state(name, for: caller)
        case .token(let name):
            return try await controller.token(name, for: caller, from: address, body: try await json(of: request))
        case .rejection(let name):
            return try await controller.reject(name, for: caller, from: address, body: try await json(of: request))
        case .quota(let name):
            return try await controller.quota(name, for: caller, body: try await json(of: request))
        case .health, .readiness, .openAPI, .event:
            throw ServiceError.notFound
        }
    }

    private func caller(
        of request: Request, on channel: any Channel, from address: String?, route: ServiceRoute
    ) async throws -> Principal {
        if let peer = connections.peer(of: channel) { return .peer(peer) }
        return .client(
            try await authenticator.client(
                request.headers[.authorization], from: address ?? "", takesBasic: route == .statusPage))
    }

    private func event(_ app: String, _ request: Request) async throws -> ServiceResponse {
        do {
            let answer = try await webhook.take(request.head, body: try await body(of: request), name: app)
            metrics.noteEvent(isTaken: true)
            return answer
        } catch let error as ServiceError {
            metrics.noteEvent(isTaken: false)
            throw error
        }
    }

    private func readiness() async throws -> ServiceResponse {
        do {
            try await controller.store.proveReadable()
            return try .json(["status": "ready"])
        } catch {
            Logger.current.error("the store cannot be read", metadata: ["error": "\(error)"])
            let failure = ServiceError(error)
            return ServiceResponse(
                status: .serviceUnavailable, contentType: "application/json", body: failure.answer.body)
        }
    }

    private func json(of request: Request) async throws -> [UInt8] {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard type == "application/json" else { throw ServiceError.notJSON }
        return try await body(of: request)
    }

    private func body(of request: Request) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > RequestLimits.body {
            throw ServiceError.tooLarge
        }
        var bytes: [UInt8] = []
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= RequestLimits.body else { throw ServiceError.tooLarge }
            bytes += part.readableBytesView
        }
        return bytes
    }
}
