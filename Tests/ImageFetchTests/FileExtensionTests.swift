import TestSupport
import Testing

@testable import ImageFetch

@Suite("Extensions of downloaded files")
struct FileExtensionTests {
    @Test(
        "An unknown content type gives bin, and no part of it reaches the name",
        arguments: [nil, "", "/", "../../etc/passwd", "application/octet-stream", "image/", "pdf", "text", "a/b;c"])
    func unknown(_ contentType: String?) {
        #expect(FileExtension.of(leadingBytes: Array("data".utf8), contentType: contentType) == "bin")
    }

    @Test(
        "A known content type gives its extension",
        arguments: [
            ("application/pdf", "pdf"), ("video/mp4", "mp4"), ("audio/mpeg", "mp3"), ("audio/opus", "opus"),
            ("text/plain", "txt"), ("text/csv", "csv"), ("application/zip", "zip"), ("application/msword", "doc"),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
            ("application/vnd.ms-excel", "xls"),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
            ("application/vnd.ms-powerpoint", "ppt"),
            ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
            ("application/json", "json"),
        ])
    func known(_ contentType: String, _ fileExtension: String) {
        #expect(FileExtension.of(leadingBytes: [1, 2, 3], contentType: contentType) == fileExtension)
    }

    @Test("The bytes of an image take precedence over the content type")
    func bytesFirst() {
        #expect(FileExtension.of(leadingBytes: SampleImages.png, contentType: "application/pdf") == "png")
    }
}
