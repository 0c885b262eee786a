import AuthServiceClient
import FoundationEssentials
import HTTPTypes
import Hummingbird
import LarkAPI
import NIOCore

/// Collects the body before a route sees the request, and refuses one that is too large.
struct BodyLimitMiddleware: RouterMiddleware {
    /// Whether Content-Type must be `application/json`.
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
        guard let type = headers[.contentType] else { return false }
        return type == "application/json"
            || type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased() == "application/json"
    }
}

extension Response {
    /// Creates a response that no cache stores and whose type no browser guesses.
    init(status: HTTPResponse.Status = .ok, contentType: String, body: ByteBuffer, fields: HTTPFields = [:]) {
        var headers = fields
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// Encodes a value as the body.
    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]
    ) throws -> Response {
        Response(
            status: status, contentType: "application/json", body: ByteBuffer(bytes: try ServiceJSON.encode(value)),
            fields: fields)
    }
}

extension Request {
    /// Decodes the body, which ``BodyLimitMiddleware`` has collected.
    ///
    /// - Throws: ``ServiceError`` 400.
    func decoded<Body: Decodable>(as type: Body.Type) async throws -> Body {
        let bytes = try await body.collect(upTo: RequestLimits.body)
        do {
            return try ServiceJSON.decode(type, from: bytes.readableBytesView)
        } catch {
            throw ServiceError.badRequest("the body is not the JSON that this endpoint expects")
        }
    }
}
