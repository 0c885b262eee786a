/// A secret as files, variables and programs hold it.
package enum SecretText {
    /// Why a text cannot be a secret.
    package struct Unusable: Error {
        /// A clause without a subject: "is empty".
        package let reason: String
    }

    /// The form of a secret, for remedies.
    package static let form = "printable ASCII with at most one newline at the end"

    /// Returns the secret in a text. One newline at its end is dropped, with the CR before it.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - limit: the longest secret, in bytes.
    /// - Throws: ``Unusable``.
    package static func secret(in bytes: [UInt8], limit: Int) throws(Unusable) -> Secret {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw Unusable(reason: "is empty") }
        guard bytes.count <= limit else { throw Unusable(reason: "is longer than \(limit) bytes") }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Unusable(reason: "contains a space, a control character or a character outside ASCII")
        }
        return Secret(String(decoding: bytes, as: UTF8.self))
    }
}
