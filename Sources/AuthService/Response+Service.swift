import AuthServiceClient
import FoundationEssentials
import HTTPTypes
import Hummingbird
import LarkAPI

extension Response {
    /// A response as all of this service are: nothing on its way may store it or guess its type.
    init(status: HTTPResponse.Status = .ok, contentType: String, body: ByteBuffer, fields: HTTPFields = [:]) {
        var headers = fields
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// - Throws: what encoding throws.
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
            throw ServiceError.badRequest("the body is not the JSON that this address takes")
        }
    }
}
