import FoundationEssentials
import Hummingbird
import NIOCore

extension PlatformState {
    /// "Download image".
    func imageResponse(_ key: String, _ caller: Principal, _ request: IncomingRequest) throws(PlatformError) -> Response
    {
        // A user's image fails like an unknown key, as observed; it can be downloaded as a message resource.
        guard Self.isWellFormed(key: key), let image = images[key], image.sender == .bot else {
            throw .code(234001)
        }
        guard !image.isDeleted else { throw .code(234005) }
        guard caller.app.hasBot else { throw .code(234007) }
        guard image.appID == caller.app.appID, image.tenantKey == caller.tenantKey, image.type == .message else {
            throw .code(234008)
        }
        return fileResponse(image.bytes, contentType: image.contentType, name: "image", request)
    }

    /// A file as the platform sends one. The headers of a download are hardly documented, so each has a switch.
    func fileResponse(_ bytes: ByteBuffer, contentType: String, name: String, _ request: IncomingRequest) -> Response {
        var response = Response(status: 200, fields: [], body: .buffer(bytes), isChunked: behaviour.chunksImages)
        response.set("Content-Type", contentType)
        if sendsDisposition(to: request) {
            response.set("Content-Disposition", "attachment; filename=\"\(name)\"")
        }
        if behaviour.sendsInnerFileDataMeta {
            response.set("Inner_file_data_meta", JSONValue.serialize(["FileName": name, "Mime": contentType]))
        }
        if behaviour.honoursRange, let range = request.headers[.range] {
            Self.apply(range: range, to: &response, bytes)
        }
        return response
    }

    private func sendsDisposition(to request: IncomingRequest) -> Bool {
        switch behaviour.contentDisposition {
        case .always: true
        case .never: false
        case .whenJSONRequested: request.headers[.contentType]?.hasPrefix("application/json") ?? false
        }
    }

    /// Reduces a response to one range of the form `bytes=first-last`; other forms are ignored, as HTTP allows.
    private static func apply(range: String, to response: inout Response, _ bytes: ByteBuffer) {
        let total = bytes.readableBytes
        guard range.hasPrefix("bytes=") else { return }
        let ends = range.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int(ends[0]) else { return }
        let last = min(Int(ends[1]) ?? total - 1, total - 1)
        guard first >= 0, first <= last,
            let slice = bytes.getSlice(at: bytes.readerIndex + first, length: last - first + 1)
        else {
            response = .text("", status: 416)
            response.set("Content-Range", "bytes */\(total)")
            return
        }
        response.status = 206
        response.body = .buffer(slice)
        response.set("Content-Range", "bytes \(first)-\(last)/\(total)")
    }

    static func isWellFormed(key: String) -> Bool {
        !key.isEmpty && key.utf8.count <= 128
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default:
                    false
                }
            }
    }
}
