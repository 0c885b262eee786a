import LarkAPI

/// What a downloaded file is called at its end.
enum FileExtension {
    /// By the leading bytes, else by the content type, else `bin`.
    static func of(leadingBytes: [UInt8], contentType: String?) -> String {
        ImageFormat(leadingBytes: leadingBytes)?.fileExtension
            ?? contentType.flatMap { byContentType[$0] }
            ?? unknown
    }

    /// Every extension that a download may have got: a second run looks for them.
    ///
    /// An image has that of an image format: `KEY.json` or `KEY.txt` beside it is another file.
    static func possible(for reference: ImageReference) -> [String] {
        switch reference {
        case .image, .messageResource(_, _, .image): ofImages
        case .messageResource(_, _, .file): all
        }
    }

    private static let ofImages = ImageFormat.allCases.map(\.fileExtension)
    private static let all = Array(Set(ofImages + byContentType.values + [unknown])).sorted()
    private static let unknown = "bin"

    /// The types that people send in messages; the platform names them by content type (document "Get the resource
    /// file of a message").
    private static let byContentType = [
        "application/gzip": "gz",
        "application/json": "json",
        "application/msword": "doc",
        "application/pdf": "pdf",
        "application/vnd.ms-excel": "xls",
        "application/vnd.ms-powerpoint": "ppt",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/xml": "xml",
        "application/zip": "zip",
        "audio/aac": "aac",
        "audio/mp4": "m4a",
        "audio/mpeg": "mp3",
        "audio/ogg": "ogg",
        "audio/opus": "opus",
        "audio/wav": "wav",
        "image/svg+xml": "svg",
        "text/csv": "csv",
        "text/html": "html",
        "text/markdown": "md",
        "text/plain": "txt",
        "video/mp4": "mp4",
        "video/quicktime": "mov",
        "video/webm": "webm",
    ]
}
