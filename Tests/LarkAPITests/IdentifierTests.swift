import LarkAPI
import Testing

@Suite("Names and keys from outside")
struct IdentifierTests {
    @Test(
        "A tenant's name that is none is refused",
        arguments: [
            "", " ", "a b", "../../etc/passwd", "a/b", "-rf", ".hidden", "a\nb", "a\u{0}", "a\u{1B}[2J", "a\u{202E}b",
            "a\u{9B}", "a;b", "a$b", "a'b", String(repeating: "a", count: 65), "_a", "\u{1F600}",
        ])
    func badNames(_ text: String) {
        let error = #expect(throws: InvalidValue.self) { try TenantName(text) }
        #expect(error?.description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } == true)
    }

    @Test(
        "Names of every script are taken",
        arguments: ["acme", "A", "a:b", "a_b", "prod.eu-1", "腾飞", "é", "e\u{301}", "9", "ops@acme+2"])
    func goodNames(_ text: String) throws {
        #expect(try TenantName(text).text == text)
    }

    @Test("Names are equal when their bytes are")
    func nameEquality() throws {
        #expect(try TenantName("\u{E9}") != TenantName("e\u{301}"))
        #expect(try TenantName("A") != TenantName("a"))
    }

    @Test(
        "A key that is none is refused",
        arguments: [
            "", "../../x", "a/b", "a\nb", "a\u{0}b", "a b", "img_é", "%2e", "a?b", "a#b", "a.b",
            String(repeating: "k", count: 129), String(repeating: "k", count: 5000),
        ])
    func badKeys(_ text: String) {
        #expect(throws: InvalidValue.self) { try ResourceKey(text) }
        #expect(throws: InvalidValue.self) { try MessageID(text) }
        #expect(throws: InvalidValue.self) { try AppID(text) }
    }

    @Test(
        "Keys of the shapes the platform has given out are taken",
        arguments: [
            "img_8d5181ca-0aed-40f0-b0d1-b1452132afbg", "img_v2_b99741-7628-4abd-aad0-b881e4db83ig",
            "img_v3_02ao_52987302-938b-4702-ab03-a7a090fbeb8g", "k", String(repeating: "k", count: 128),
        ])
    func goodKeys(_ text: String) throws {
        #expect(try ImageReference(text) == .image(ResourceKey(text)))
        #expect(try ImageReference(text).endpoint == "/open-apis/im/v1/images/\(text)")
    }

    @Test(
        "A message's resource is named with a slash, and its type follows from the key",
        arguments: [("img_x", "image"), ("file_x", "file"), ("x", "image")])
    func resources(_ key: String, _ type: String) throws {
        let reference = try ImageReference("om_1/\(key)")
        #expect(reference.endpoint == "/open-apis/im/v1/messages/om_1/resources/\(key)?type=\(type)")
        #expect(reference.description == "om_1/\(key)")
        #expect(try ImageReference("om_1/\(key)", type: .file).endpoint.hasSuffix("?type=file"))
    }

    @Test(
        "A reference with more or less than message and key is refused",
        arguments: ["a/b/c", "/x", "om_1/", "om_1//x", "../x"])
    func badReferences(_ text: String) {
        #expect(throws: InvalidValue.self) { try ImageReference(text) }
    }
}
