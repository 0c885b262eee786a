import LarkAPI

/// Finds the keys in the content of a message, by its type (document "Message content").
enum ContentReader {
    /// Reads content that is JSON.
    static func read(
        _ content: JSONValue, type: String, _ facts: MessageFacts, into collector: inout MessageCollector
    ) {
        switch type {
        case "image":
            collector.addKey(content["image_key"], .image, facts)
        case "file", "audio":
            collector.addKey(content["file_key"], .file, facts, fileName: content["file_name"])
        case "media", "video":
            collector.addKey(content["file_key"], .file, facts, fileName: content["file_name"])
            collector.addKey(content["image_key"], .image, facts)
        case "post":
            readPost(content, facts, into: &collector)
            readFiles(content["files"], facts, into: &collector)
        case "todo":
            if let summary = content["summary"] { readPost(summary, facts, into: &collector) }
        case "interactive":
            CardReader.read(content, facts, into: &collector)
        case "sticker":
            collector.add(.sticker, of: facts)
        // check: allowed, the platform's word
        case "folder":
            collector.add(.directory, of: facts)
        case "merge_forward":
            collector.add(.forwardedMessages, of: facts)
        case "text", "share_chat", "share_user", "share_calendar_event", "calendar", "general_calendar", "system",
            "location", "video_chat", "vote", "hongbao":
            break
        default:
            collector.add(.unknownType(type), of: facts)
        }
    }

    /// Reads content that is no JSON: what lark-cli renders, and the fixed texts of the platform.
    static func readRendered(
        _ text: [UInt8], type: String, _ facts: MessageFacts, into collector: inout MessageCollector
    ) {
        switch type {
        // What a user typed is not a marker.
        case "text": break
        case "sticker": collector.add(.sticker, of: facts)
        default:
            let isForward = type == "merge_forward"
            let count = collector.findings.resources.count
            RenderedText.read(text, facts, into: &collector)
            if isForward, collector.findings.resources.count == count, !text.starts(with: "<forwarded_messages".utf8) {
                collector.add(.forwardedMessages, of: facts)
            }
        }
    }

    /// The type of content that stands alone; nil if it is not content.
    static func type(ofBare content: JSONValue) -> String? {
        if content["json_card"] != nil || content["user_dsl"] != nil || content["elements"] != nil {
            return "interactive"
        }
        if content["schema"] != nil, content["body"] != nil { return "interactive" }
        switch (content["image_key"]?.isString == true, content["file_key"]?.isString == true) {
        case (true, true): return "media"
        case (true, false): return "image"
        // check: allowed, the platform's word
        case (false, true): return content["is_folder"]?.isTrue == true ? "folder" : "file"
        case (false, false): break
        }
        if content["content"]?.isArray == true || content["content_v2"]?.isArray == true { return "post" }
        var isPost = false
        // By locale.
        content.forEachMember { isPost = isPost || $1["content"]?.isArray == true }
        return isPost ? "post" : nil
    }

    /// Reads the elements of a post, in all locales and both versions.
    private static func readPost(
        _ value: JSONValue, _ facts: MessageFacts, into collector: inout MessageCollector
    ) {
        value.forEachElement { readPost($0, facts, into: &collector) }
        guard value.isObject else { return }
        guard let tag = value["tag"] else {
            return value.forEachMember { name, member in
                guard !name.isEqual(to: "files") else { return }
                readPost(member, facts, into: &collector)
            }
        }
        if tag.isEqual(to: "img") {
            collector.addKey(value["image_key"], .image, facts)
        } else if tag.isEqual(to: "media") {
            collector.addKey(value["file_key"], .file, facts, fileName: value["file_name"])
            collector.addKey(value["image_key"], .image, facts)
        } else if tag.isEqual(to: "md") {
            collector.addMarkdown(value["text"], facts)
        }
    }

    /// Reads the files attached to a post.
    private static func readFiles(
        _ files: JSONValue?, _ facts: MessageFacts, into collector: inout MessageCollector
    ) {
        files?
            .forEachElement { file in
                // check: allowed, the platform's word
                if file["is_folder"]?.isTrue == true {
                    collector.add(.directory, of: facts)
                } else {
                    collector.addKey(file["file_key"], .file, facts, fileName: file["file_name"])
                }
            }
    }
}
