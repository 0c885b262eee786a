public import LarkAPI
import SystemPackage

/// The result of a download that did not fail.
public struct DownloadOutcome: Sendable, Hashable {
    /// Whether the file was downloaded.
    public enum Status: String, Sendable, CaseIterable {
        /// Downloaded just now.
        case downloaded = "ok"
        /// It existed already.
        case exists
    }

    /// What was asked for.
    public let reference: ImageReference
    /// Whether it was downloaded or existed before.
    public let status: Status
    /// Where it is; nil when it went to a descriptor.
    public let path: String?
    /// Its size.
    public let bytes: Int
    /// The content type of the response, if there was one.
    public let contentType: String?
    /// SHA-256 of what was downloaded, 64 hexadecimal digits.
    public let sha256: String?
    /// How many requests for it were sent.
    public let attempts: Int

    static func existing(_ reference: ImageReference, path: FilePath, bytes: Int) -> DownloadOutcome {
        DownloadOutcome(
            reference: reference, status: .exists, path: path.string, bytes: bytes, contentType: nil, sha256: nil,
            attempts: 0)
    }
}
