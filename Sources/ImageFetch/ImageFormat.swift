import LarkAPI

/// The formats the platform stores, known by their leading bytes (document "Upload image").
///
/// The content type is ignored: it has been seen wrong, the bytes have not.
public enum ImageFormat: String, Sendable, CaseIterable {
    /// JPEG.
    case jpeg = "jpg"
    /// PNG.
    case png
    /// WEBP.
    case webp
    /// GIF.
    case gif
    /// TIFF.
    case tiff
    /// BMP.
    case bmp
    /// ICO.
    case ico
    /// HEIC and other HEIF images.
    case heic

    /// How many leading bytes decide.
    private static let decisiveBytes = 18

    /// What a file of this format is called at its end, without the dot.
    public var fileExtension: String { rawValue }

    /// The format of a file that begins so; nil when it is none of these.
    public init?(leadingBytes bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(Self.decisiveBytes))
        func has(_ pattern: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + pattern.count && bytes[offset..<offset + pattern.count].elementsEqual(pattern)
        }
        if has([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if has(Array("RIFF".utf8)), has(Array("WEBP".utf8), at: 8) {
            self = .webp
        } else if has(Array("GIF87a".utf8)) || has(Array("GIF89a".utf8)) {
            self = .gif
        } else if has([0x49, 0x49, 0x2A, 0x00]) || has([0x4D, 0x4D, 0x00, 0x2A]) {
            self = .tiff
        } else if has(Array("BM".utf8)), Self.bitmapHeaderSizes.contains(where: { has([$0, 0, 0, 0], at: 14) }) {
            self = .bmp
        } else if has([0x00, 0x00, 0x01, 0x00]) {
            self = .ico
        } else if has(Array("ftyp".utf8), at: 4),
            Self.heicBrands.contains(where: { has(Array($0.utf8), at: 8) })
        {
            self = .heic
        } else {
            return nil
        }
    }

    /// "BM" alone begins many texts. At byte 14 is the size of the header that follows, and there are few sizes
    /// (documents "BITMAPCOREHEADER" to "BITMAPV5HEADER"; 64 is OS/2's).
    private static let bitmapHeaderSizes: [UInt8] = [12, 40, 52, 56, 64, 108, 124]

    /// Brands of ISO base media files that are HEIF images (ISO/IEC 23008-12).
    private static let heicBrands = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]
}

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
