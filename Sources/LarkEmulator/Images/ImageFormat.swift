/// The image formats that "Upload image" accepts, recognised by their leading bytes.
enum ImageFormat: String, Sendable, CaseIterable {
    case jpeg
    case png
    case webp
    case gif
    case bmp
    case ico
    case tiff
    case heic

    init?(leadingBytesOf bytes: some Collection<UInt8>) {
        let head = Array(bytes.prefix(16))
        func has(_ text: String, at offset: Int = 0) -> Bool {
            head.dropFirst(offset).starts(with: text.utf8)
        }
        if head.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if has("RIFF") && has("WEBP", at: 8) {
            self = .webp
        } else if has("GIF87a") || has("GIF89a") {
            self = .gif
        } else if has("BM") {
            self = .bmp
        } else if head.starts(with: [0, 0, 1, 0]) {
            self = .ico
        } else if head.starts(with: [0x49, 0x49, 0x2A, 0]) || head.starts(with: [0x4D, 0x4D, 0, 0x2A]) {
            self = .tiff
        } else if has("ftyp", at: 4) && ["heic", "heix", "mif1", "msf1", "hevc"].contains(where: { has($0, at: 8) }) {
            self = .heic
        } else {
            return nil
        }
    }

    var contentType: String {
        switch self {
        case .ico: "image/x-icon"
        case .jpeg, .png, .webp, .gif, .bmp, .tiff, .heic: "image/\(rawValue)"
        }
    }
}
