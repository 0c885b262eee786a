import NIOCore

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
