import LarkAPI
import Testing

@testable import ImageFetch

@Suite("Names of files")
struct OutputNameTests {
    @Test(
        "A name that could lead out of the directory, or is not a name, is refused",
        arguments: [
            "", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", ".", "./x", "a//b", "a/", "a\0b", "a\nb",
            "\u{1B}]0;x\u{7}", "\u{9B}2J", String(repeating: "x", count: 256),
            "a/" + String(repeating: "é", count: 128),
        ])
    func refused(_ path: String) {
        #expect(throws: InvalidValue.self) { try OutputName(path) }
    }

    @Test(
        "A name that stays inside is used as it is",
        arguments: [
            "x", "-rf", ".bashrc", "CON", "a b.png", "%2e%2e%2f", "é.png", "😀", "a/b/c.png", "...", "a/..b",
            "\u{202E}gnp.exe", String(repeating: "x", count: 255),
        ])
    func taken(_ path: String) throws {
        #expect("\(try OutputName(path))" == path)
    }

    @Test(
        "A template fills in its fields",
        arguments: [
            ("{key}.{ext}", "img_a.png"), ("{tenant}/{key}.{ext}", "acme:1/img_a.png"),
            ("{type}s/{message_id}/{key}", "images/none/img_a"), ("x-{key}-{key}.{ext}.{ext}", "x-img_a-img_a.png.png"),
            ("{key}", "img_a"),
        ])
    func template(_ text: String, name: String) throws {
        let template = try NameTemplate(text)
        let output = try template.name(for: FetchItem(tenant: TenantName("acme:1"), reference: ImageReference("img_a")))
        #expect((output.directories + [output.fileName(withExtension: "png")]).joined(separator: "/") == name)
    }

    @Test("A template can name a resource's message and type")
    func messageTemplate() throws {
        let output = try NameTemplate("{message_id}/{type}/{key}.{ext}")
            .name(for: FetchItem(tenant: TenantName("acme"), reference: ImageReference("om_1/file_x")))
        #expect("\(output)" == "om_1/file/file_x.*")
    }

    @Test(
        "A template that is malformed, or gives many images one name, is refused",
        arguments: [
            "", "x.{ext}", "{tenant}.{ext}", "{key", "key}", "{{key}}", "{}", "{x}{key}", "{ KEY }", "/{key}",
            "../{key}",
            "{key}/..", "./{key}", "a//{key}", "{key}/", "{key}.{ext}/x", "{key}\n",
            String(repeating: "x", count: 300) + "{key}",
        ])
    func badTemplate(_ text: String) {
        #expect(throws: InvalidValue.self) { try NameTemplate(text) }
    }

    @Test("A name that becomes too long is refused")
    func tooLong() throws {
        let template = try NameTemplate("{tenant}{key}{key}.{ext}")
        let key = String(repeating: "k", count: 128)
        #expect(throws: InvalidValue.self) {
            try template.name(for: FetchItem(tenant: TenantName("acme"), reference: ImageReference(key)))
        }
    }
}
