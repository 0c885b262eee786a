import AuthServiceClient
import FoundationEssentials
import LarkAPI
import NIOPosix

/// Writes a line of JSON for each token that an authenticated sender gets or is refused: who, for which tenant, with
/// what result. Never the token.
package struct AuditLog: Sendable {
    private struct Entry: Encodable {
        let at: String
        let audit: String
        let result: String
        let tenant: String
        let who: String
        let address: String?
    }

    private let write: @Sendable (String) throws -> Void

    /// - Parameter write: appends a line, newline included, with one system call. If it throws, no token is handed out.
    ///   It may block, and is called from several threads at once.
    package init(_ write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
    }

    /// Writes a line and waits until it is written.
    ///
    /// - Parameters:
    ///   - action: `token`, `reject` or `pause`.
    ///   - principal: who sent the request.
    ///   - address: the client's IP address; nil on a Unix socket.
    ///   - tenant: the name in the request.
    ///   - result: `given`, `taken`, the length of a pause, or the type of the error.
    /// - Throws: what writing throws.
    func record(
        _ action: String, principal: String, address: String?, tenant: String, result: String, at now: Date
    ) async throws {
        let entry = Entry(
            at: now.formatted(.iso8601), audit: action, result: result, tenant: TerminalText.visible(tenant, limit: 64),
            who: TerminalText.visible(principal, limit: 64), address: address)
        let line = String(decoding: try ServiceJSON.encode(entry), as: UTF8.self) + "\n"
        // A slow disk or a pipe that is not read delays this request, but no other.
        try await NIOThreadPool.singleton.runIfActive { try write(line) }
    }
}
