public import FoundationEssentials
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
        /// It is another name of a file that was downloaded, or a copy where a file can have one name only.
        case linked
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
        withoutRequest(reference, .exists, path: path, bytes: bytes)
    }

    static func linked(_ reference: ImageReference, path: FilePath, bytes: Int) -> DownloadOutcome {
        withoutRequest(reference, .linked, path: path, bytes: bytes)
    }

    private static func withoutRequest(
        _ reference: ImageReference, _ status: Status, path: FilePath, bytes: Int
    ) -> DownloadOutcome {
        DownloadOutcome(
            reference: reference, status: status, path: path.string, bytes: bytes, contentType: nil, sha256: nil,
            attempts: 0)
    }
}

/// A download that failed, and how often it was tried.
public struct DownloadFailure: LocalizedError, Sendable, CustomStringConvertible {
    /// What went wrong: a `LarkError`, an ``ImageFetchError``, or what the token provider threw.
    public let error: any Error
    /// How many requests for it were sent.
    public let attempts: Int

    /// The error's own line.
    public var description: String { "\(error)" }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var errorDescription: String? { description }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var recoverySuggestion: String? { (error as? any ReportableError)?.remedy?.description }
}
