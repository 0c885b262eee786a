import FoundationEssentials
import ImageFetch
import LarkAPI
import Testing

@Suite("Lines of a list")
struct FetchListFormatTests {
    private let format: FetchListFormat

    init() throws {
        format = FetchListFormat(tenant: try TenantName("acme"))
    }

    @Test(
        "A line names a download in any of four ways",
        arguments: [
            ("img_v3_a", "acme", "img_v3_a", nil),
            ("  img_v3_a \r", "acme", "img_v3_a", nil),
            ("om_1/img_a", "acme", "om_1/img_a", nil),
            ("beta\timg_a", "beta", "img_a", nil),
            ("\timg_a", "acme", "img_a", nil),
            ("beta\tom_1/img_a\tx/y.png", "beta", "om_1/img_a", "x/y.png"),
            ("beta\timg_a\t", "beta", "img_a", nil),
            (#"{"image_key":"img_a"}"#, "acme", "img_a", nil),
            (
                #"{"tenant":"beta","image_key":"img_a","message_id":"om_1","output":"o.png"}"#, "beta", "om_1/img_a",
                "o.png"
            ),
            (
                #"{"tenant":"beta","image_key":"om_1/img_a","status":"failed","error":{"code":1}}"#, "beta",
                "om_1/img_a", nil
            ),
            (#"  {"image_key":"img_a","tenant":null,"output":""}"#, "acme", "img_a", nil),
        ] as [(String, String, String, String?)])
    func understood(_ line: String, tenant: String, reference: String, output: String?) throws {
        let item = try #require(try format.item(line))
        #expect(item.tenant.text == tenant)
        #expect("\(item.reference)" == reference)
        #expect(item.output.map { "\($0)" } == output)
    }

    @Test(
        "Blank lines and comments are ignored",
        arguments: ["", "   ", "\t", "\r", "# x", "  # {\"image_key\":1}", "\t#"])
    func silent(_ line: String) throws {
        #expect(try format.item(line) == nil)
    }

    @Test(
        "An invalid line is an error",
        arguments: [
            "img a", "../x", "a/b/c", "beta\t../x", "beta\timg_a\t../x", "beta\timg_a\t/etc/x", "beta\timg_a\tx\ty",
            "a b\timg_a", "{", "{}", "[]", "{\"image_key\":7}", "{\"image_key\":\"img_a\",\"type\":\"video\"}",
            "{\"image_key\":\"img_a\",\"message_id\":\"../x\"}", "{\"image_key\":\"img_a\",\"output\":\"a//b\"}",
            "{\"image_key\":\"img_a\",\"tenant\":\"a/b\"}", "img_a\u{0}", "{\"image_key\":\"\"}",
            String(repeating: "k", count: 60_000), String(repeating: "[", count: 60_000),
            "{\"image_key\":" + String(repeating: "[", count: 60_000),
        ])
    func misunderstood(_ line: String) {
        #expect(throws: (any Error).self) { try format.item(line) }
    }

    @Test(
        "A line with the wrong separator, or of a JSON array, is told what is wanted",
        arguments: [
            ("beta,img_a", "tabs, not by commas"), ("beta img_a", "tabs, not by spaces"),
            ("img_a;out.png", "tabs, not by semicolons"), (#"["img_a","img_b"]"#, "JSON array"), ("[", "JSON array"),
            (#"  {"image_key":"img_a"}, "#, "JSON array"), ("a\tb\tc\td", "at most three"),
        ])
    func hints(_ line: String, hint: String) {
        let error = #expect(throws: (any Error).self) { try format.item(line) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(hint))
    }

    @Test("Without a default tenant, every line has to name one")
    func noTenant() throws {
        let format = FetchListFormat(tenant: nil)
        #expect(throws: (any Error).self) { try format.item("img_a") }
        #expect(try format.item("beta\timg_a")?.tenant.text == "beta")
    }

    @Test("The default message and type apply to lines that do not name their own")
    func defaults() throws {
        let format = FetchListFormat(
            tenant: try TenantName("acme"), message: try MessageID("om_9"), type: .file)
        #expect(try format.item("img_a")?.reference == ImageReference("om_9/img_a", type: .file))
        #expect(try format.item("om_1/img_a")?.reference == ImageReference("om_1/img_a", type: .file))
        #expect(
            try format.item(#"{"image_key":"img_a","message_id":"om_2","type":"image"}"#)?.reference
                == ImageReference("om_2/img_a", type: .image))
    }

    @Test("What a report tells about a message is read again, so that a file gets the same name")
    func messageFacts() throws {
        let line =
            #"{"image_key":"img_a","message_id":"om_1","chat_id":"oc_1","sender_id":"ou_1","#
            + #""create_time":"1760000000000","file_name":"a.png"}"#
        let item = try #require(try format.item(line))
        let template = try NameTemplate("{chat}/{date}_{time}_{sender}_{file_name}_{key}.{ext}")
        #expect("\(try template.name(for: item))" == "oc_1/2025-10-09_085320_ou_1_a.png_img_a.*")
        let report = String(decoding: try JSONEncoder().encode(FetchReport(again: item)), as: UTF8.self)
        let again = try #require(try format.item(report))
        #expect(again == item)
        #expect(try template.name(for: again) == template.name(for: item))
    }

    @Test("A JSON line with a message_id alone stands for the message; with an output it is an error")
    func wholeMessage() throws {
        let entry = try #require(try format.entry(#"{"message_id":"om_1","tenant":"beta"}"#))
        guard case .message(let message) = entry.target else {
            Issue.record("it names no message")
            return
        }
        #expect(message.text == "om_1")
        #expect(entry.tenant?.text == "beta")
        #expect(throws: (any Error).self) { try format.entry(#"{"message_id":"om_1","output":"x.png"}"#) }
        #expect(throws: (any Error).self) { try format.item(#"{"message_id":"om_1"}"#) }
    }
}
