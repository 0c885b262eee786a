import NIOCore

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

/// The width and height that an image claims. Only values at a fixed offset are read; the size of formats that need
/// a search is not checked.
struct ImageSize: Sendable, Hashable {
    var width: Int
    var height: Int

    init?(of format: ImageFormat, bytes: ByteBuffer) {
        let start = bytes.readerIndex
        switch format {
        case .png:
            guard let width = bytes.getInteger(at: start + 16, as: UInt32.self),
                let height = bytes.getInteger(at: start + 20, as: UInt32.self)
            else { return nil }
            self.init(width: Int(width), height: Int(height))
        case .gif:
            guard let width = bytes.getInteger(at: start + 6, endianness: .little, as: UInt16.self),
                let height = bytes.getInteger(at: start + 8, endianness: .little, as: UInt16.self)
            else { return nil }
            self.init(width: Int(width), height: Int(height))
        case .bmp:
            guard let width = bytes.getInteger(at: start + 18, endianness: .little, as: Int32.self),
                let height = bytes.getInteger(at: start + 22, endianness: .little, as: Int32.self)
            else { return nil }
            // A negative height means that rows are stored top to bottom.
            self.init(width: Int(width.magnitude), height: Int(height.magnitude))
        case .jpeg, .webp, .ico, .tiff, .heic:
            return nil
        }
    }

    private init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Whether it is within the limits of "Upload image".
    func fits(format: ImageFormat, type: ImageType) -> Bool {
        let limit =
            switch (type, format) {
            case (_, .gif): 2000
            case (.avatar, _): 4096
            case (.message, _): 12000
            }
        return width <= limit && height <= limit
    }
}
