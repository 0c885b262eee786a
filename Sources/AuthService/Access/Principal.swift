import LarkAPI
import TokenStore

/// Who sent a request, and what that opens.
enum Principal: Sendable, Hashable {
    /// A process of this machine, which the socket's folder and mode let in.
    case peer(PeerCredentials)
    /// A client that presented its secret.
    case client(ClientGrant)

    func mayHave(_ tenant: TenantName) -> Bool {
        switch self {
        case .peer: true
        case .client(let grant): grant.tenants.contains(tenant)
        }
    }

    /// As the audit log calls it.
    var name: String {
        switch self {
        case .peer(let peer): "uid \(peer.uid)"
        case .client(let grant): "client \(grant.client)"
        }
    }
}
