import FoundationEssentials
import LarkAPI
import Messages
import Testing

/// Every type of content in every envelope: what is found is what the content was written with, no more and no less.
@Suite("A corpus of messages")
struct CorpusTests {
    struct Content: Sendable {
        let type: String
        let json: String
        var images: Set<String> = []
        var files: Set<String> = []
    }

    static let contents: [Content] = [
        Content(type: "text", json: #"{"text":"![a](img_0) [Image: img_0] @_user_1 [t](https://example.com/img_0)"}"#),
        Content(
            type: "image", json: #"{"image_key":"img_v3_02ab_1-2d-4e-8a-0123456789ag"}"#,
            images: ["img_v3_02ab_1-2d-4e-8a-0123456789ag"]),
        Content(type: "file", json: #"{"file_key":"0004-1c2d","file_name":"../报价 7.xlsx\n"}"#, files: ["0004-1c2d"]),
        Content(type: "audio", json: #"{"file_key":"file_v2_1","duration":2000}"#, files: ["file_v2_1"]),
        Content(
            type: "media", json: #"{"file_key":"f1","image_key":"img_1","file_name":"a.mp4","duration":3000}"#,
            images: ["img_1"], files: ["f1"]),
        Content(type: "video", json: #"{"file_key":"f1","duration":1}"#, files: ["f1"]),
        Content(type: "sticker", json: #"{"file_key":"v3_00ab"}"#),
        Content(type: "folder", json: #"{"file_key":"0005","file_name":"photos"}"#),
        Content(
            type: "post",
            json: #"{"title":"S","content":[[{"tag":"text","text":"![x](img_0)"},{"tag":"at","user_id":"@_user_1"}],"#
                + #"[{"tag":"img","image_key":"img_1"}],[{"tag":"media","file_key":"f1","image_key":"img_2"}],"#
                + #"[{"tag":"img","image_key":"img_1"}]]}"#, images: ["img_1", "img_2"], files: ["f1"]),
        Content(
            type: "post",
            json: #"{"zh_cn":{"title":"","content":[[{"tag":"img","image_key":"img_1"}]],"content_v2":[[{"tag":"md","#
                + #""text":"![a](img_2) `![b](img_0)` ![c](https://example.com/a.png)\n```\n![d](img_0)\n```"}]]},"#
                + #""en_us":{"title":"","content":[[{"tag":"img","image_key":"img_3"}]]},"#
                + #""files":[{"file_key":"f1","file_name":"plan.pdf"},{"file_key":"f0","is_folder":true}]}"#,
            images: ["img_1", "img_2", "img_3"], files: ["f1"]),
        Content(
            type: "interactive",
            json:
                #"{"title":"R","elements":[[{"tag":"img","image_key":"img_1"}],[{"tag":"note","elements":[{"tag":"img","#
                + #""image_key":"img_2"},{"tag":"text","text":"n"}]}]]}"#, images: ["img_1", "img_2"]),
        Content(
            type: "interactive",
            json: #"{"schema":"2.0","header":{"icon":{"tag":"custom_icon","img_key":"img_1"}},"body":{"elements":["#
                + #"{"tag":"column_set","columns":[{"tag":"column","elements":[{"tag":"img","img_key":"img_2"}]}]},"#
                + #"{"tag":"markdown","content":"![x](img_3) ![y](${img})"},{"tag":"img_combination","img_list":[{"img_key":"img_4"}]},"#
                + #"{"tag":"select_img","options":[{"img_key":"img_5"}]},{"tag":"div","icon":{"tag":"standard_icon","token":"img_0"}},"#
                + #"{"tag":"audio","file_key":"f1"}]}}"#,
            images: ["img_1", "img_2", "img_3", "img_4", "img_5"], files: ["f1"]),
        Content(
            type: "interactive",
            json: #"{"title":null,"elements":[[{"tag":"text","text":"请升级至最新版本客户端，以查看内容"}]],"#
                + #""user_dsl":"{\"schema\":\"2.0\",\"body\":{\"elements\":[{\"tag\":\"img\",\"img_key\":\"img_1\"}]}}"}"#,
            images: ["img_1"]),
        Content(
            type: "interactive",
            json:
                #"{"json_card":"{\"schema\":\"2.0\",\"body\":{\"property\":{\"elements\":[{\"tag\":\"img\",\"property\":{\"imageID\":\"2\"}}]}}}","#
                + #""json_attachment":"{\"images\":{\"2\":{\"origin_key\":\"img_1\",\"token\":\"img_0\"}}}","card_schema":2}"#,
            images: ["img_1"]),
        Content(
            type: "interactive",
            json:
                #"{"json_card":"{\"body\":{\"property\":{\"elements\":[{\"tag\":\"img_combination\",\"property\":{\"imgList\":[{\"imageID\":1}]}}]}}}","#
                + #""json_attachment":{"images":{"1":{"origin_key":"img_1","token":"tok"}}}}"#, images: ["img_1"]),
        Content(
            type: "interactive",
            json: #"{"type":"template","data":{"template_id":"AAq","template_variable":{"img":"img_0"}}}"#),
        Content(type: "interactive", json: #"{"title":null,"elements":[[{"tag":"text","text":"请升级至最新版本客户端，以查看内容"}]]}"#),
        Content(type: "merge_forward", json: #"{"content":"Merged and Forwarded Message"}"#),
        Content(type: "share_chat", json: #"{"chat_id":"oc_0000000000000000000000000000000c"}"#),
        Content(type: "share_user", json: #"{"user_id":"ou_0000000000000000000000000000000d"}"#),
        Content(
            type: "share_calendar_event",
            json: #"{"summary":"Review","start_time":"1760000000000","share_token":"img_0"}"#),
        Content(type: "system", json: #"{"template":"{from_user} invited {to_chatters}","from_user":["Li"]}"#),
        Content(type: "location", json: #"{"name":"Plaza","longitude":"116.3","latitude":"39.9"}"#),
        Content(type: "video_chat", json: #"{"topic":"Call","start_time":"1760000000000"}"#),
        Content(
            type: "todo",
            json:
                #"{"task_id":"t-1","summary":{"title":"","content":[[{"tag":"text","text":"buy"},{"tag":"img","image_key":"img_1"}]]}}"#,
            images: ["img_1"]),
        Content(type: "vote", json: #"{"topic":"Lunch","options":["A","B"]}"#),
        Content(type: "hongbao", json: #"{"text":"[红包]"}"#),
        Content(type: "hologram", json: #"{"text":"img_0"}"#),
    ]

    /// The envelopes, each of a message `om_1`.
    static let envelopes: [(name: String, text: @Sendable (Content) throws -> String)] = [
        ("an event", { try event($0.type, string($0.json)) }),
        (
            "an event that a handler logged",
            {
                #"{"event_id":"e","app_id":"cli_a","tenant_key":"t1","sender":{"sender_id":{"open_id":"ou_1"}},"message":{"#
                    + #""message_id":"om_1","message_type":"\#($0.type)","content":\#(try string($0.json))}}"#
            }
        ),
        ("an item", { try item($0.type, string($0.json)) }),
        ("an item whose content is an object", { item($0.type, $0.json) }),
        ("an item whose content is encoded twice", { try item($0.type, string(string($0.json))) }),
        ("an answer", { #"{"code":0,"msg":"success","data":{"items":[\#(try item($0.type, string($0.json)))]}}"# }),
        (
            "an answer of lark-cli",
            { #"{"ok":true,"data":{"has_more":false,"items":[\#(try item($0.type, string($0.json)))]}}"# }
        ),
        ("an answer to sending", { #"{"code":0,"data":\#(try item($0.type, string($0.json)))}"# }),
        ("an answer to forwarding", { #"{"code":0,"data":{"message":\#(try item($0.type, string($0.json)))}}"# }),
        ("an array", { #"[\#(try item($0.type, string($0.json)))]"# }),
        ("a list of messages", { #"{"messages":[\#(try item($0.type, string($0.json)))]}"# }),
        (
            "an event of lark-cli",
            {
                #"{"type":"im.message.receive_v1","event_id":"e1","message_id":"om_1","message_type":"\#($0.type)","#
                    + #""sender_id":"ou_1","content":\#(try string($0.json))}"#
            }
        ),
    ]

    private static func string(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    private static func event(_ type: String, _ content: String) -> String {
        #"{"schema":"2.0","header":{"event_type":"im.message.receive_v1","app_id":"cli_a","tenant_key":"t1"},"event":{"#
            + #""sender":{"sender_id":{"open_id":"ou_1"},"tenant_key":"t2"},"message":{"message_id":"om_1","#
            + #""message_type":"\#(type)","content":\#(content),"mentions":[]}}}"#
    }

    private static func item(_ type: String, _ content: String) -> String {
        #"{"message_id":"om_1","msg_type":"\#(type)","create_time":"1760000000000","deleted":false,"chat_id":"oc_1","#
            + #""sender":{"id":"ou_1","id_type":"open_id","sender_type":"user"},"body":{"content":\#(content)}}"#
    }

    @Test("It has at least 200 messages")
    func size() {
        #expect(Self.contents.count * Self.envelopes.count >= 200)
    }

    @Test("Every key is found, and none is made up", arguments: contents.indices, envelopes.indices)
    func keys(_ content: Int, _ envelope: Int) throws {
        let content = Self.contents[content]
        let text = try Self.envelopes[envelope].text(content)
        let findings = MessageReader().findings(in: try JSONDocument(Array(text.utf8)))
        func keys(_ type: ImageReference.ResourceType) -> [String] {
            findings.resources.filter { $0.type == type }.map(\.key.text)
        }
        #expect(Set(keys(.image)) == content.images, "\(Self.envelopes[envelope].name): \(text)")
        #expect(Set(keys(.file)) == content.files, "\(Self.envelopes[envelope].name): \(text)")
        #expect(findings.resources.count == content.images.count + content.files.count, "each once")
        #expect(findings.resources.allSatisfy { $0.owner?.text == "om_1" })
        #expect(findings.messages == 1)
    }

    @Test("The keys in an event of the schema 1.0 are its own members")
    func firstSchema() throws {
        for (members, images, files) in [
            (#""msg_type":"image","image_key":"img_1""#, ["img_1"], []),
            (#""msg_type":"post","image_keys":["img_1","img_2"],"text":"t""#, ["img_1", "img_2"], []),
            (#""msg_type":"file","file_key":"f1""#, [], ["f1"]), (#""msg_type":"text","text":"img_0""#, [], []),
        ] {
            let text =
                #"{"uuid":"b","ts":"1760000000.12","type":"event_callback","event":{"type":"message","app_id":"cli_a","#
                + #""tenant_key":"t1","root_id":"","open_message_id":"om_1","open_id":"ou_1",\#(members)}}"#
            let found = MessageReader().findings(in: try JSONDocument(Array(text.utf8))).resources
            #expect(found.filter { $0.type == .image }.map(\.key.text) == images)
            #expect(found.filter { $0.type == .file }.map(\.key.text) == files)
            #expect(found.allSatisfy { $0.owner?.text == "om_1" })
        }
    }
}
