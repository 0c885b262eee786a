import Crypto
import LarkAPI

/// Checks one response while it arrives: its length, and whether its bytes are what was asked for.
struct BodyValidator {
    private let reference: ImageReference
    private let token: TenantAccessToken
    private let head: ResponseHead
    private let maximumBytes: Int

    private var leading: [UInt8] = []
    /// nil where no digest is wanted.
    private var hash: SHA256?
    private var isJudged = false
    private(set) var bytes = 0

    /// Errors of the platform are shorter, in bytes; a longer body that is not an image is not read to its end.
    private static let errorLimit = 64 << 10

    /// Checks what the head of the response promises.
    ///
    /// - Throws: ``ImageFetchError`` `tooLarge` or `notAnImage`.
    init(
        _ reference: ImageReference, token: TenantAccessToken, head: ResponseHead, limits: DownloadLimits
    ) throws {
        self.reference = reference
        self.token = token
        self.head = head
        maximumBytes = limits.maximumBytes
        hash = limits.takesDigest ? SHA256() : nil
        if let promised = head.contentLength, promised > maximumBytes { throw tooLarge() }
        if let encoding = head.contentEncoding {
            throw notAnImage("unexpected Content-Encoding \(TerminalText.visible(encoding, limit: 40))")
        }
    }

    /// Checks the next bytes.
    ///
    /// - Throws: ``ImageFetchError`` `tooLarge`; as ``finish()`` when the beginning is not an image.
    mutating func check(_ part: [UInt8]) throws {
        guard bytes + part.count <= maximumBytes else { throw tooLarge() }
        if !isJudged {
            leading += part.prefix(Self.errorLimit - leading.count)
            // A body that begins as an image is not an error of the platform.
            if ImageFormat(leadingBytes: leading) != nil || leading.count == Self.errorLimit {
                try checkContent()
                isJudged = true
            }
        }
        part.withUnsafeBytes { hash?.update(bufferPointer: $0) }
        bytes += part.count
    }

    /// Checks the whole.
    ///
    /// - Returns: the extension by content, and SHA-256 in hexadecimal, if it was wanted.
    /// - Throws: ``LarkError`` when the body is the platform's error, or shorter than promised; ``ImageFetchError``
    ///   `notAnImage`.
    func finish() throws -> (fileExtension: String, sha256: String?) {
        if let promised = head.contentLength, promised != bytes {
            throw LarkError.cutShort(after: bytes, logID: head.logID)
        }
        if !isJudged { try checkContent() }
        return (
            FileExtension.of(leadingBytes: leading, contentType: head.contentType),
            (hash?.finalize()).map(Hexadecimal.text)
        )
    }

    private func checkContent() throws {
        // The platform accepts no empty uploads (234010, "File's size can't be 0"), so it has none to send.
        guard !leading.isEmpty else { throw notAnImage("it is empty") }
        switch reference {
        case .messageResource(_, _, .file):
            // Users send files of every kind, JSON too: only the platform's own error is none.
            guard head.contentType == "application/json" else { return }
            // The platform's has a code and a message (document "Calling an API"); a code alone is any file's.
            if let error = platformError, error.platformMessage != nil { throw error }
        case .image, .messageResource(_, _, .image):
            guard ImageFormat(leadingBytes: leading) == nil else { return }
            if let error = platformError { throw error }
            let type = head.contentType.map { TerminalText.visible($0, limit: 60) } ?? "nothing"
            throw notAnImage("its Content-Type is \(type)")
        }
    }

    private var platformError: LarkError? {
        LarkClient.platformError(in: leading, head: head, of: reference, token: token)
    }

    private var expected: String {
        switch reference {
        case .image, .messageResource(_, _, .image): "an image"
        case .messageResource(_, _, .file): "the file"
        }
    }

    private func notAnImage(_ reason: String) -> ImageFetchError {
        ImageFetchError(
            .notAnImage, "the response is not \(expected): \(reason)",
            remedy: Remedy("Check any proxy in between, then run this again", PlatformAction.checkHost),
            logID: head.logID
        )
    }

    private func tooLarge() -> ImageFetchError {
        ImageFetchError(
            .tooLarge, "the file is larger than \(maximumBytes) bytes",
            remedy: Remedy("", DownloadAction.raiseSizeLimit), logID: head.logID
        )
    }
}
