import AuthServiceClient
import FoundationEssentials
import LarkAPI
import Synchronization

/// A line for each token that a known caller is given or refused: who, for which tenant, with what result. Never the
/// token.
package struct AuditLog: Sendable {
    private let write: @Sendable (String) throws -> Void
    private let clock = ClockText()

    /// The time as text, made once a second.
    private final class ClockText: Sendable {
        private let last = Mutex((second: Int64.min, text: ""))

        func text(_ now: Date) -> String {
            let second = Int64(now.timeIntervalSince1970)
            return last.withLock { last in
                if last.second != second { last = (second, now.formatted(.iso8601)) }
                return last.text
            }
        }
    }

    /// - Parameter write: appends a line, its end included, and throws when it is not on its way to the disk: then no
    ///   token is handed out.
    package init(_ write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
    }

    /// - Parameters:
    ///   - action: `token` or `reject`.
    ///   - tenant: as the caller named it.
    ///   - result: `given`, or the type of the error.
    /// - Throws: what writing throws.
    func note(
        _ action: String, who: String, address: String?, tenant: String, result: String, at now: Date
    ) throws {
        // Written by hand, since it is written for every token: only these three can hold anything but plain words.
        let from = try address.map { ",\"address\":\(try Self.quoted($0))" } ?? ""
        try write(
            """
            {"at":"\(clock.text(now))","audit":"\(action)","result":"\(result)","tenant":\(try Self.quoted(tenant)),\
            "who":\(try Self.quoted(who))\(from)}

            """)
    }

    private static func quoted(_ text: String) throws -> String {
        let isPlain =
            text.utf8.count <= 64 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        if isPlain { return "\"\(text)\"" }
        return String(decoding: try ServiceJSON.encode(TerminalText.visible(text, limit: 64)), as: UTF8.self)
    }
}
