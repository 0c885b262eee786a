import NIOCore
import Testing

@testable import LarkEmulator

@Suite("Multipart bodies")
struct MultipartTests {
    @Test(
        "The boundary is found in its Content-Type",
        arguments: [
            ("multipart/form-data; boundary=abc", "abc"),
            (#"multipart/form-data; charset=utf-8; boundary="a b""#, "a b"),
            ("application/json", nil), ("multipart/form-data", nil),
        ]
    )
    func boundary(_ contentType: String, _ boundary: String?) {
        #expect(Multipart.boundary(of: contentType) == boundary)
    }

    @Test("Parts are told apart by name, whatever else their heads say")
    func parts() throws {
        let text = """
            preamble\r\n--b\r\nContent-Type: image/png\r\ncontent-disposition: form-data; filename="x;y"; name="image"\r\n\r\n\
            \r\n--c--\r\n\r\n--b\r\nContent-Disposition: form-data; name=image_type\r\n\r\nmessage\r\n--b--\r\n
            """
        let parts = try #require(Multipart.parts(of: ByteBuffer(string: text), boundary: "b"))
        #expect(parts.count == 2)
        #expect(parts["image"].map { String(buffer: $0) } == "\r\n--c--\r\n")
        #expect(parts["image_type"].map { String(buffer: $0) } == "message")
    }

    @Test(
        "What does not hold to the form is refused",
        arguments: ["", "--b", "--b\r\n", "--b\r\nno empty line\r\n--b--", "--b\r\n\r\nbody without an end", "--bx"]
    )
    func malformed(_ text: String) {
        #expect(Multipart.parts(of: ByteBuffer(string: text), boundary: "b") == nil)
    }
}
