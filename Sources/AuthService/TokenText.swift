import AuthServiceClient
import FoundationEssentials
import LarkAPI
import NIOCore
import Synchronization

/// The bodies that tokens are handed out in, each made once a second at most: most answers are the one before.
final class TokenText: Sendable {
    private struct Page {
        let token: TenantAccessToken
        let second: Int64
        let body: ByteBuffer
    }

    private let pages = Mutex<[TenantName: Page]>([:])

    /// - Throws: what encoding throws.
    func body(_ token: TenantAccessToken, of tenant: TenantName, at now: Date) throws -> ByteBuffer {
        let second = Int64(now.timeIntervalSince1970)
        if let page = pages.withLock({ $0[tenant] }), page.second == second, page.token == token { return page.body }
        let body = ByteBuffer(bytes: try ServiceJSON.encode(TokenResponse(token, tenant: tenant, at: now)))
        pages.withLock { $0[tenant] = Page(token: token, second: second, body: body) }
        return body
    }
}
