import FoundationEssentials
import Hummingbird
import NIOCore

extension PlatformState {
    /// The largest upload: "10 MB" in the documentation, taken here for mebibytes.
    static let largestImage = 10 << 20

    /// "Upload image".
    mutating func creationResponse(_ caller: Principal, _ request: IncomingRequest) throws(PlatformError) -> Response {
        guard caller.app.hasBot else { throw .code(234007) }
        guard let contentType = request.headers[.contentType], let boundary = Multipart.boundary(of: contentType),
            let parts = Multipart.parts(of: request.body, boundary: boundary),
            let type = parts["image_type"].flatMap({ ImageType(rawValue: String(buffer: $0)) }),
            let bytes = parts["image"]
        else { throw .code(234001) }
        guard bytes.readableBytes > 0 else { throw .code(234010) }
        guard bytes.readableBytes <= Self.largestImage else { throw .code(234006) }
        guard let format = ImageFormat(leadingBytesOf: bytes.readableBytesView) else { throw .code(234011) }
        if let size = ImageSize(of: format, bytes: bytes), !size.fits(format: format, type: type) {
            throw .code(234039)
        }
        let image = StoredImage(
            appID: caller.app.appID,
            tenantKey: caller.tenantKey,
            bytes: format.isStoredAsJPEG ? ByteBuffer(bytes: PlaceholderJPEG.bytes) : bytes,
            contentType: format.isStoredAsJPEG ? ImageFormat.jpeg.contentType : format.contentType,
            sender: .bot,
            type: type
        )
        let imageKey = store(image, as: nil)
        return .json(["code": 0, "data": ["image_key": .text(imageKey)], "msg": "success"])
    }
}

extension ImageFormat {
    /// "TIFF and HEIC images are converted to JPG".
    fileprivate var isStoredAsJPEG: Bool {
        switch self {
        case .tiff, .heic: true
        case .jpeg, .png, .webp, .gif, .bmp, .ico: false
        }
    }
}

/// A grey JPEG of one pixel, stored instead of an uploaded TIFF or HEIC.
///
/// The platform converts these two to JPG. The emulator cannot decode them, but what a client can observe is the
/// same: the download is a JPEG, and not what was uploaded.
enum PlaceholderJPEG {
    static let bytes: [UInt8] = [
        0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, 0x4A, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00, 0x00, 0x01,
        0x00, 0x01, 0x00, 0x00, 0xFF, 0xDB, 0x00, 0x43, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xC0, 0x00, 0x0B, 0x08, 0x00, 0x01,
        0x00, 0x01, 0x01, 0x01, 0x11, 0x00, 0xFF, 0xC4, 0x00, 0x14, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xC4, 0x00, 0x14,
        0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0x3F, 0xFF, 0xD9,
    ]
}
