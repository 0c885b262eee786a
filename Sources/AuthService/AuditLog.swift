import FoundationEssentials
import LarkAPI

/// A line for each token that is handed out or refused: who, for which tenant, with what result. Never the token.
package struct AuditLog: Sendable {
    private let write: @Sendable (String) throws -> Void

    /// - Parameter write: appends a line, its end included, and throws when it is not on its way to the disk: then no
    ///   token is handed out.
    package init(_ write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
    }

    private struct Line: Encodable {
        let at: String
        let audit: String
        let who: String
        let address: String?
        let tenant: String
        let result: String
    }

    /// - Parameters:
    ///   - action: `token` or `reject`.
    ///   - tenant: as the caller named it.
    ///   - result: `given`, or the type of the error.
    /// - Throws: what writing throws.
    func note(
        _ action: String, who: String, address: String?, tenant: String, result: String, at now: Date
    ) throws {
        let line = Line(
            at: now.formatted(.iso8601), audit: action, who: who, address: address,
            tenant: DisplayText.visible(tenant, limit: 64), result: result)
        try write(String(decoding: try ServiceJSON.encode(line), as: UTF8.self) + "\n")
    }
}
