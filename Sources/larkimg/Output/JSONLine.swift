import AuthServiceClient
import LarkAPI

/// One JSON object per line, for scripts.
enum JSONLine {
    /// The line, newline included. Keys are in snake case and sorted, so that the same result is the same line.
    ///
    /// - Throws: what encoding throws.
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try ServiceJSON.encode(value), as: UTF8.self) + "\n"
    }
}
