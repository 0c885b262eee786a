import FoundationEssentials
import Hummingbird
import LarkAPI
import NIOCore

/// A request on its way through the middlewares: the connection it came over, and who sent it once that is known.
struct ServiceRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, by which its peer is found.
    let channel: any Channel
    /// The client's IP address; nil on a Unix socket.
    let remoteAddress: String?
    /// The port that the request came to; nil on a Unix socket.
    let localPort: Int?
    /// Who sent the request. Set by ``AuthenticationMiddleware`` alone.
    var principal: Principal?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        remoteAddress = source.channel.remoteAddress?.ipAddress
        localPort = source.channel.localAddress?.port
    }

    /// Who sent the request.
    ///
    /// - Throws: ``ServiceError`` 401 on a route without ``AuthenticationMiddleware``.
    func authenticated() throws -> Principal {
        guard let principal else { throw ServiceError.unauthorized() }
        return principal
    }

    /// The tenant that the path names, as the client wrote it.
    var requestedTenant: String { Self.percentDecoded(parameters.get("name") ?? "") }

    /// The tenant that the path names, if the sender may use it. Every route of a tenant asks this first.
    ///
    /// - Throws: ``ServiceError``: 404 for a tenant of others as for one that does not exist.
    func authorizedTenant() throws -> TenantName {
        let principal = try authenticated()
        let name = requestedTenant
        guard let tenant = try? TenantName(name), principal.mayUse(tenant) else {
            throw ServiceError.unknownTenant(name)
        }
        return tenant
    }

    /// The text that a part of a path stands for; one that is not percent-encoding stays as it is.
    private static func percentDecoded(_ part: String) -> String {
        guard part.utf8.contains(UInt8(ascii: "%")) else { return part }
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                let code = UInt8(digits, radix: 16)
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? part
    }
}
