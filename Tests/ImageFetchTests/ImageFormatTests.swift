import ImageFetch
import TestSupport
import Testing

@Suite("Formats by their leading bytes")
struct ImageFormatTests {
    /// Leading bytes, and what they are.
    struct Case: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let format: ImageFormat?
        var testDescription: String { "\(format.map(\.rawValue) ?? "none") \(bytes.prefix(24))" }

        init(_ bytes: [UInt8], _ format: ImageFormat? = nil) {
            self.bytes = bytes
            self.format = format
        }

        init(_ text: String, _ format: ImageFormat? = nil) {
            self.init(Array(text.utf8), format)
        }

        init(bitmapWithHeaderOf size: UInt8) {
            self.init(Array("BM".utf8) + [0x46, 0, 0, 0, 0, 0, 0, 0, 0x36, 0, 0, 0, size, 0, 0, 0], .bmp)
        }

        init(baseMedia brand: String, _ format: ImageFormat?) {
            self.init([0, 0, 0, 0x18] + Array("ftyp\(brand)".utf8), format)
        }
    }

    private static let misses = [
        Case([]), Case([0]), Case(Array(repeating: 0, count: 64)), Case([0xFF, 0xD8]), Case([0x89, 0x50, 0x4E, 0x47]),
        Case(Array(SampleImages.png.dropFirst())), Case([0x89, 0x50, 0x4E, 0x47, 0x0A, 0x1A, 0x0A]),
        Case(#"{"code":234008,"msg":"The app is not the resource sender"}"#), Case("<!DOCTYPE html><html>"),
        Case("\n\n<html>"), Case("%PDF-1.7"), Case("BM"), Case("BM is two letters of a text, not a bitmap"),
        Case("BMW"), Case("GIF8"), Case("GIF90a"), Case("PNG"), Case("RIFF"), Case("RIFF1234WAVEfmt "),
        Case(baseMedia: "isom", nil), Case(baseMedia: "qt  ", nil), Case([0, 0, 2, 0, 1, 0]), Case([0x50, 0x4B, 3, 4]),
        Case([0x1F, 0x8B, 8, 0]), Case([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1]),
    ]

    private static let hits = [
        Case([0xFF, 0xD8, 0xFF, 0xE0], .jpeg), Case([0xFF, 0xD8, 0xFF, 0xE1], .jpeg),
        Case([0xFF, 0xD8, 0xFF, 0xDB], .jpeg), Case(SampleImages.png, .png), Case("GIF87a", .gif), Case("GIF89a", .gif),
        Case("RIFF1234WEBP", .webp), Case([0x49, 0x49, 0x2A, 0], .tiff), Case([0x4D, 0x4D, 0, 0x2A], .tiff),
        Case([0, 0, 1, 0, 1, 0], .ico), Case(baseMedia: "heic", .heic), Case(baseMedia: "mif1", .heic),
        Case(bitmapWithHeaderOf: 12), Case(bitmapWithHeaderOf: 40), Case(bitmapWithHeaderOf: 124),
    ]

    @Test("Each format that the platform stores is recognised; near misses are not", arguments: misses + hits)
    func formats(_ example: Case) {
        #expect(ImageFormat(leadingBytes: example.bytes) == example.format)
        #expect(ImageFormat(leadingBytes: example.bytes + Array("tail".utf8)) == example.format)
    }

    @Test("The table above holds every format there is")
    func complete() {
        #expect(Set(Self.hits.compactMap(\.format)) == Set(ImageFormat.allCases))
    }
}
