import AuthServiceClient
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import LarkAPI
import NIOCore
import TokenStore

/// What a request is answered with.
struct ServiceResponse: Sendable {
    var status: HTTPResponse.Status
    var contentType: String
    var body: ByteBuffer
    var fields: [(HTTPField.Name, String)] = []

    /// - Throws: what encoding throws.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> ServiceResponse {
        json(ByteBuffer(bytes: try ServiceJSON.encode(value)), status: status)
    }

    static func json(_ body: ByteBuffer, status: HTTPResponse.Status = .ok) -> ServiceResponse {
        ServiceResponse(status: status, contentType: "application/json", body: body)
    }

    /// As it goes on the wire. Nothing of it is kept by anybody on its way.
    var response: Response {
        var headers = HTTPFields()
        headers.append(HTTPField(name: .contentType, value: contentType))
        headers.append(HTTPField(name: .cacheControl, value: "no-store"))
        headers.append(HTTPField(name: .xContentTypeOptions, value: "nosniff"))
        for (name, value) in fields { headers.append(HTTPField(name: name, value: value)) }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
