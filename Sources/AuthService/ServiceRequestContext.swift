import FoundationEssentials
import Hummingbird
import LarkAPI
import NIOCore
import TokenStore

/// What the middlewares know about a request: its connection and, after authentication, who sent it.
struct ServiceRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, which identifies the peer of a Unix socket.
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

    /// The tenant that the path names, if the sender may use it. Every route of a tenant calls this first.
    ///
    /// - Throws: ``ServiceError`` 404 for a tenant of other clients and for one that does not exist.
    func authorizedTenant() throws -> TenantName {
        let principal = try authenticated()
        let name = requestedTenant
        guard let tenant = try? TenantName(name), principal.mayUse(tenant) else {
            throw ServiceError.unknownTenant(name)
        }
        return tenant
    }

    /// Percent-decodes a path segment. Malformed escapes are kept, and so match no tenant.
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

/// Who sent a request, and which tenants it may use.
enum Principal: Sendable, Hashable {
    /// A process on this machine that may connect to the Unix socket.
    case peer(PeerCredentials)
    /// A client that presented its secret.
    case client(ClientGrant)

    func mayUse(_ tenant: TenantName) -> Bool {
        switch self {
        case .peer: true
        case .client(let grant): grant.tenants.contains(tenant)
        }
    }

    /// The sender of requests: a client with all its tenants, or a user with all its processes.
    enum Identity: Hashable {
        case client(ClientName)
        case user(UInt32)
    }

    var identity: Identity {
        switch self {
        case .peer(let peer): .user(peer.uid)
        case .client(let grant): .client(grant.client)
        }
    }

    /// The name in the audit log and on the status page.
    var name: String {
        switch self {
        case .peer(let peer): "uid \(peer.uid)"
        case .client(let grant): "client \(grant.client)"
        }
    }
}
