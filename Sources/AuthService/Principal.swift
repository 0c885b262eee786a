import LarkAPI
import TokenStore

/// Who sent a request, and which tenants it may use.
enum Principal: Sendable, Hashable {
    /// A process on this machine that the socket's directory and mode admit.
    case peer(PeerCredentials)
    /// A client that presented its secret.
    case client(ClientGrant)

    func mayUse(_ tenant: TenantName) -> Bool {
        switch self {
        case .peer: true
        case .client(let grant): grant.tenants.contains(tenant)
        }
    }

    /// As the audit log and the status page name it.
    var name: String {
        switch self {
        case .peer(let peer): "uid \(peer.uid)"
        case .client(let grant): "client \(grant.client)"
        }
    }
}
