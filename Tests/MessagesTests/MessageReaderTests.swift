import FoundationEssentials
import LarkAPI
import Testing

@testable import Messages

@Suite("Keys in messages")
struct MessageReaderTests {
    /// What is found in a text, as `owner/key type`, in order.
    private func found(_ text: String) throws -> [String] {
        try MessageReader().findings(in: JSONDocument(Array(text.utf8))).resources
            .map { "\($0.reference) \($0.type.rawValue)" }
    }

    private func notes(_ text: String) throws -> [MessageNote.Reason] {
        try MessageReader().findings(in: JSONDocument(Array(text.utf8))).notes.map(\.reason)
    }

    /// An event with a message of a type; the content is encoded as a string.
    private func event(_ type: String, _ content: String) throws -> String {
        let encoded = String(decoding: try JSONEncoder().encode(content), as: UTF8.self)
        return """
            {"schema":"2.0","header":{"event_id":"e","event_type":"im.message.receive_v1","app_id":"cli_a","tenant_key":"t1"},\
            "event":{"sender":{"sender_id":{"open_id":"ou_1"},"tenant_key":"other"},"message":{"message_id":"om_1",\
            "create_time":"1760000000001","chat_id":"oc_1","message_type":"\(type)","content":\(encoded)}}}
            """
    }

    /// Inputs for ``types(_:)``: a type, its content, and the keys with their types.
    static let contents: [(type: String, content: String, keys: [String])] = [
        ("text", #"{"text":"[a](https://x/img_1) ![x](img_2)"}"#, []),
        ("image", #"{"image_key":"img_1"}"#, ["img_1 image"]),
        ("file", #"{"file_key":"k1","file_name":"a.xlsx"}"#, ["k1 file"]),
        ("audio", #"{"file_key":"k1","duration":2000}"#, ["k1 file"]),
        ("media", #"{"file_key":"k1","image_key":"img_1","file_name":"a.mp4"}"#, ["k1 file", "img_1 image"]),
        ("media", #"{"file_key":"k1","duration":1}"#, ["k1 file"]),
        ("video", #"{"file_key":"k1","image_key":"img_1"}"#, ["k1 file", "img_1 image"]),
        (
            "post",
            #"{"title":"T","content":[[{"tag":"text","text":"x"},{"tag":"img","image_key":"img_1"}],[{"tag":"media","file_key":"k1","image_key":"img_2"}],[{"tag":"img","image_key":"img_1"}]]}"#,
            ["img_1 image", "k1 file", "img_2 image"]
        ),
        (
            "post",
            #"{"zh_cn":{"content":[[{"tag":"img","image_key":"img_1"}]],"content_v2":[[{"tag":"md","text":"![a](img_1) ![b](img_2) `![c](img_3)` ![d](https://x/y)"}]]},"fr_fr":{"content":[[{"tag":"img","image_key":"img_4"}]]},"files":[{"file_key":"k1","file_name":"p.pdf"},{"file_key":"k2","is_folder":true}]}"#,
            ["img_1 image", "img_2 image", "img_4 image", "k1 file"]
        ),
        (
            "interactive",
            #"{"title":"R","elements":[[{"tag":"img","image_key":"img_1"}],[{"tag":"note","elements":[{"tag":"img","image_key":"img_2"},{"tag":"text","text":"n"}]}]]}"#,
            ["img_1 image", "img_2 image"]
        ),
        (
            "interactive",
            #"{"schema":"2.0","header":{"icon":{"tag":"custom_icon","img_key":"img_1"},"x":{"tag":"standard_icon","token":"tok"}},"body":{"elements":[{"tag":"markdown","content":"![x](img_2)"},{"tag":"column_set","columns":[{"elements":[{"tag":"img","img_key":"img_3"}]}]},{"tag":"img","img_key":"${v}"},{"tag":"img_combination","img_list":[{"img_key":"img_4"}]}]}}"#,
            ["img_1 image", "img_2 image", "img_3 image", "img_4 image"]
        ),
        (
            "interactive",
            #"{"title":null,"elements":[[{"tag":"text","text":"请升级至最新版本客户端，以查看内容"}]],"user_dsl":"{\"body\":{\"elements\":[{\"tag\":\"img\",\"img_key\":\"img_1\"}]}}"}"#,
            ["img_1 image"]
        ),
        (
            "interactive",
            #"{"json_card":"{\"body\":{\"property\":{\"elements\":[{\"tag\":\"img\",\"property\":{\"imageID\":\"2\"}},{\"tag\":\"img_combination\",\"property\":{\"imgList\":[{\"imageID\":\"3\"}]}}]}}}","json_attachment":"{\"images\":{\"2\":{\"origin_key\":\"img_1\",\"token\":\"tok\"},\"3\":{\"origin_key\":\"img_2\"}}}"}"#,
            ["img_1 image", "img_2 image"]
        ),
        (
            "interactive",
            #"{"json_card":"{\"x\":{\"imageID\":\"2\"}}","json_attachment":{"images":{"2":{"origin_key":"img_1"}}}}"#,
            ["img_1 image"]
        ),
        ("todo", #"{"task_id":"t","summary":{"content":[[{"tag":"img","image_key":"img_1"}]]}}"#, ["img_1 image"]),
        ("share_user", #"{"user_id":"ou_1"}"#, []), ("share_chat", #"{"chat_id":"oc_1"}"#, []),
        ("system", #"{"template":"x"}"#, []), ("location", #"{"name":"P"}"#, []),
        ("vote", #"{"topic":"L","options":["A"]}"#, []), ("hongbao", #"{"text":"x"}"#, []),
        ("video_chat", #"{"topic":"C"}"#, []), ("share_calendar_event", #"{"summary":"R"}"#, []),
    ]

    @Test("Each type of content gives its keys, each once, and no others", arguments: contents.indices)
    func types(_ index: Int) throws {
        let (type, content, keys) = Self.contents[index]
        let expected = keys.map { "om_1/\($0)" }
        #expect(try found(event(type, content)) == expected)
        let twice = String(decoding: try JSONEncoder().encode(content), as: UTF8.self)
        #expect(try found(event(type, twice)) == expected, "encoded twice")
    }

    @Test("What cannot be downloaded is told with its reason")
    func reasons() throws {
        let fallback = #"{"elements":[[{"tag":"text","text":"请升级至最新版本客户端，以查看内容"}]]}"#
        let cases: [(String, String, MessageNote.Reason)] = [
            ("sticker", #"{"file_key":"v3_1"}"#, .sticker), ("folder", #"{"file_key":"k1"}"#, .directory),
            ("merge_forward", "Merged and Forwarded Message", .forwardedMessages),
            ("merge_forward", #"{"content":"Merged and Forwarded Message"}"#, .forwardedMessages),
            ("interactive", #"{"type":"template","data":{"template_id":"A"}}"#, .cardTemplate),
            ("interactive", fallback, .cardFallback), ("hologram", "{}", .unknownType("hologram")),
            ("image", #"{"image_key":"../../etc/passwd"}"#, .invalidKey("../../etc/passwd")),
        ]
        for (type, content, reason) in cases {
            #expect(try notes(event(type, content)) == [reason], "\(type)")
            #expect(try found(event(type, content)) == [])
        }
        #expect(try notes(#"{"encrypt":"BASE64=="}"#) == [.encrypted])
        #expect(
            try notes(#"{"code":230002,"msg":"not in the chat"}"#)
                == [.errorAnswer(code: "230002", message: "not in the chat")])
        #expect(
            try notes(#"{"ok":false,"error":{"code":1,"message":"m"}}"#) == [.errorAnswer(code: "1", message: "m")])
    }

    /// Inputs for ``envelopes(_:)``: a text, and what is found.
    static let inputs: [(text: String, found: [String])] = [
        // An event of the schema 1.0.
        (
            #"{"uuid":"b","type":"event_callback","event":{"type":"message","app_id":"cli_a","tenant_key":"t1","root_id":"","msg_type":"image","open_message_id":"om_2","image_key":"img_1"}}"#,
            ["om_2/img_1 image"]
        ),
        (
            #"{"type":"event_callback","event":{"type":"message","msg_type":"post","open_message_id":"om_2","image_keys":["img_1","img_2"]}}"#,
            ["om_2/img_1 image", "om_2/img_2 image"]
        ),
        // As an SDK's handler logs it.
        (
            #"{"event_id":"e","app_id":"cli_a","sender":{"sender_id":{"open_id":"ou_1"}},"message":{"message_id":"om_1","message_type":"image","content":"{\"image_key\":\"img_1\"}"}}"#,
            ["om_1/img_1 image"]
        ),
        // Answers: a list, one message, none.
        (
            #"{"code":0,"data":{"items":[{"message_id":"om_1","msg_type":"image","body":{"content":"{\"image_key\":\"img_1\"}"}},{"message_id":"om_2","msg_type":"text","deleted":true,"body":{"content":"This message was recalled"}}]}}"#,
            ["om_1/img_1 image"]
        ),
        (
            #"{"code":0,"data":{"message_id":"om_1","msg_type":"image","body":{"content":"{\"image_key\":\"img_1\"}"}}}"#,
            ["om_1/img_1 image"]
        ),
        (
            #"{"code":0,"data":{"message":{"message_id":"om_1","msg_type":"image","body":{"content":{"image_key":"img_1"}}}}}"#,
            ["om_1/img_1 image"]
        ),
        (#"{"code":0,"msg":"success"}"#, []), (#"{"code":"0","data":{"has_more":false,"items":[]}}"#, []),
        // A forwarded bundle: the container counts, wherever it is in the list, and whatever refers to itself.
        (
            #"{"code":0,"data":{"items":[{"message_id":"om_c2","upper_message_id":"om_c1","msg_type":"image","body":{"content":"{\"image_key\":\"img_1\"}"}},{"message_id":"om_c1","upper_message_id":"om_top","msg_type":"text","body":{"content":"{}"}},{"message_id":"om_top","upper_message_id":"om_top","msg_type":"text","body":{"content":"{}"}}]}}"#,
            ["om_top/img_1 image"]
        ),
        (
            #"[{"message_id":"om_a","upper_message_id":"om_b","msg_type":"image","body":{"content":"{\"image_key\":\"img_1\"}"}},{"message_id":"om_b","upper_message_id":"om_a","msg_type":"text","body":{"content":"{}"}}]"#,
            ["om_b/img_1 image"]
        ),
        (
            #"{"message_id":"om_c","upper_message_id":"om_u","msg_type":"image","body":{"content":"{\"image_key\":\"img_1\"}"}}"#,
            ["om_u/img_1 image"]
        ),
        // lark-cli: what it lists as resources, and what the markers in its text name besides.
        (
            #"{"ok":true,"data":{"messages":[{"message_id":"om_1","msg_type":"image","content":"[Image: img_1] <video key=\"k1\" cover_image_key=\"img_9\"/>","resources":[{"message_id":"om_top","key":"img_1","type":"image"},{"message_id":"om_top","key":"k1","type":"file"}],"thread_replies":[{"message_id":"om_3","msg_type":"image","content":"[Image: img_3]"}]}]}}"#,
            ["om_top/img_1 image", "om_top/k1 file", "om_top/img_9 image", "om_3/img_3 image"]
        ),
        (
            #"{"message_id":"om_1","msg_type":"post","content":"a ![Image](img_1) <file key=\"k1\" name=\"a \\\"b\\\" > c\"/> [Media: k3] 🎵 Audio(key:k4) <video key=\"k2\" cover_image_key=\"img_2\"/> (img_token:tok) (keys:img_3,img_4) x(img_key:img_5)"}"#,
            [
                "img_1 image", "img_5 image", "img_3 image", "img_4 image", "k3 file", "k4 file", "k1 file", "k2 file",
                "img_2 image",
            ]
            .map { "om_1/\($0)" }
        ),
        (#"{"message_id":"om_1","msg_type":"text","content":"[Image: img_1]"}"#, []),
        (
            #"{"type":"im.message.receive_v1","message_id":"om_1","message_type":"image","content":"[Image: img_1]"}"#,
            ["om_1/img_1 image"]
        ),
        // Content alone.
        (#"{"image_key":"img_1"}"#, ["img_1 image"]), (#"{"file_key":"k1","file_name":"x"}"#, ["k1 file"]),
        (#"{"title":"","content":[[{"tag":"img","image_key":"img_1"}]]}"#, ["img_1 image"]),
        (#"{"en_us":{"title":"","content":[[{"tag":"img","image_key":"img_1"}]]}}"#, ["img_1 image"]),
        (#"{"schema":"2.0","body":{"elements":[{"tag":"img","img_key":"img_1"}]}}"#, ["img_1 image"]),
        // Other events, and what is no message.
        (#"{"schema":"2.0","header":{"event_type":"im.message.recalled_v1"},"event":{"message_id":"om_1"}}"#, []),
        (#"{"challenge":"c","token":"t","type":"url_verification"}"#, []), ("{}", []), ("[]", []),
        ("[1,null,\"x\"]", []),
    ]

    @Test("Messages in every envelope are found with the message to name in the request", arguments: inputs.indices)
    func envelopes(_ index: Int) throws {
        #expect(try found(Self.inputs[index].text) == Self.inputs[index].found, "\(Self.inputs[index].text)")
    }

    @Test("A bundle of forwarded messages has to be requested only where its messages are not there")
    func bundle() throws {
        let container =
            #"{"message_id":"om_top","msg_type":"merge_forward","body":{"content":"Merged and Forwarded Message"}}"#
        let child =
            #"{"message_id":"om_c","upper_message_id":"om_top","msg_type":"image","body":{"content":"{\"image_key\":\"img_1\"}"}}"#
        #expect(try notes("[\(container)]") == [.forwardedMessages])
        #expect(try notes("[\(child),\(container)]") == [])
        #expect(try found("[\(child),\(container)]") == ["om_top/img_1 image"])
    }

    @Test("The facts about a message come along: app, tenant, chat, sender, time")
    func facts() throws {
        let findings = try MessageReader()
            .findings(in: JSONDocument(Array(event("file", #"{"file_key":"k1","file_name":"../x\n"}"#).utf8)))
        let resource = try #require(findings.resources.first)
        #expect(resource.fileName == "../x\n")
        #expect(resource.path == "event.message.content.file_key")
        #expect(resource.message.appID?.text == "cli_a" && resource.message.tenantKey?.text == "t1")
        #expect(resource.message.chat == "oc_1" && resource.message.sender == "ou_1")
        #expect(resource.message.createdAt == 1_760_000_000_001)
    }

    @Test("An encrypted event is read with the key, once")
    func encrypted() throws {
        let plain = try event("image", #"{"image_key":"img_1"}"#)
        let reader = MessageReader {
            $0 == "sealed" ? Array(plain.utf8) : $0 == "loop" ? Array(#"{"encrypt":"loop"}"#.utf8) : nil
        }
        func findings(_ text: String) throws -> MessageFindings {
            reader.findings(in: try JSONDocument(Array(text.utf8)))
        }
        #expect(try findings(#"{"encrypt":"sealed"}"#).resources.map(\.key.text) == ["img_1"])
        #expect(try findings(#"{"encrypt":"loop"}"#).notes.map(\.reason) == [.encrypted])
    }
}
