import LarkAPI

/// Finds the images and files of messages in any form that the platform, its SDKs and its command-line tool write:
/// events, answers of the list and get APIs, items of them, and content alone.
///
/// The forms are told apart by their members (document "Receive message", "Get message", and the sources of lark-cli).
package struct MessageReader: Sendable {
    /// Decrypts the `encrypt` member of an event; nil if no key opens it.
    private let decrypt: @Sendable (String) -> [UInt8]?

    package init(decrypt: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }) {
        self.decrypt = decrypt
    }

    /// Finds everything in a text.
    package func findings(in document: JSONDocument) -> MessageFindings {
        var collector = MessageCollector()
        read(document.root, MessageFacts(), into: &collector)
        return collector.findings
    }

    private func read(_ value: JSONValue, _ known: MessageFacts, into collector: inout MessageCollector) {
        if let encrypted = value["encrypt"]?.nonEmptyText {
            return readEncrypted(encrypted, into: &collector)
        }
        if value["schema"] != nil, let header = value["header"], let type = header["event_type"] {
            guard type.isEqual(to: "im.message.receive_v1"), let event = value["event"] else { return }
            var facts = known
            facts.readApp(header)
            return readEvent(event, facts, into: &collector)
        }
        if value["type"]?.isEqual(to: "event_callback") == true, let event = value["event"] {
            return readFirstSchema(event, into: &collector)
        }
        if value["message"]?["message_id"] != nil, value["sender"] != nil {
            var facts = known
            facts.readApp(value)
            return readEvent(value, facts, into: &collector)
        }
        if value["ok"] != nil || value["code"] != nil, readAnswer(value, known, into: &collector) { return }
        if value.isArray { return readList(value, known, into: &collector) }
        if let list = value["items"] ?? value["messages"], list.isArray {
            return readList(list, known, into: &collector)
        }
        readMessage(value, known, containers: [:], into: &collector)
    }

    private func readEncrypted(_ text: String, into collector: inout MessageCollector) {
        guard let plain = decrypt(text), String(validating: plain, as: UTF8.self) != nil,
            let document = try? JSONDocument(plain), document.root["encrypt"] == nil
        else { return collector.add(.encrypted, of: MessageFacts()) }
        read(document.root, MessageFacts(), into: &collector)
    }

    /// An event of the schema 2.0, or one that an SDK's handler logged.
    private func readEvent(_ event: JSONValue, _ known: MessageFacts, into collector: inout MessageCollector) {
        guard let message = event["message"] else { return }
        var facts = known
        facts.readMessage(message)
        let sender = event["sender"]?["sender_id"]
        facts.sender = sender?["open_id"]?.nonEmptyText ?? sender?["user_id"]?.nonEmptyText
        collector.addContent(message["content"], type: message["message_type"], facts)
    }

    /// An event of the schema 1.0: keys are members of the event itself.
    private func readFirstSchema(_ event: JSONValue, into collector: inout MessageCollector) {
        guard event["type"]?.isEqual(to: "message") == true else { return }
        var facts = MessageFacts()
        facts.readApp(event)
        facts.readMessage(event)
        facts.id = event["open_message_id"].flatMap { try? MessageID($0.text) }
        facts.chat = event["open_chat_id"]?.nonEmptyText
        facts.sender = event["open_id"]?.nonEmptyText
        collector.countMessage()
        collector.addKey(event["image_key"], .image, facts)
        event["image_keys"]?.forEachElement { collector.addKey($0, .image, facts) }
        collector.addKey(event["file_key"], .file, facts)
    }

    /// An answer of the platform, or of lark-cli.
    ///
    /// - Returns: whether it is one.
    private func readAnswer(
        _ answer: JSONValue, _ known: MessageFacts, into collector: inout MessageCollector
    ) -> Bool {
        let data = answer["data"]
        if let code = answer["code"], !code.text.isEmpty, code.text != "0" {
            collector.add(.errorAnswer(code: code.text, message: answer["msg"]?.text ?? ""), of: known)
            return true
        }
        if let isOK = answer["ok"], !isOK.isTrue, let error = answer["error"] {
            let text = error["message"]?.text ?? error.text
            collector.add(.errorAnswer(code: error["code"]?.text ?? "", message: text), of: known)
            return true
        }
        guard let data else { return answer["code"] != nil && answer["message_id"] == nil }
        if let list = data["items"] ?? data["messages"], list.isArray {
            readList(list, known, into: &collector)
        } else if let message = data["message"] {
            readMessage(message, known, containers: [:], into: &collector)
        } else if data["message_id"] != nil {
            readMessage(data, known, containers: [:], into: &collector)
        }
        return true
    }

    private func readList(_ list: JSONValue, _ known: MessageFacts, into collector: inout MessageCollector) {
        var containers: [String: String] = [:]
        list.forEachElement { item in
            guard let id = item["message_id"]?.nonEmptyText, let upper = item["upper_message_id"]?.nonEmptyText,
                id != upper
            else { return }
            containers[id] = upper
        }
        list.forEachElement { item in
            if item["message_id"] != nil, item["message"] == nil {
                readMessage(item, known, containers: containers, into: &collector)
            } else {
                read(item, known, into: &collector)
            }
        }
    }

    /// An item of the list and get APIs, a message of lark-cli, or content alone.
    private func readMessage(
        _ message: JSONValue, _ known: MessageFacts, containers: [String: String],
        into collector: inout MessageCollector
    ) {
        guard message["message_id"] != nil else {
            guard message.isObject else { return }
            return collector.addBareContent(message, known)
        }
        guard message["deleted"]?.isTrue != true else { return collector.countMessage() }
        var facts = known
        facts.readApp(message)
        facts.readMessage(message)
        facts.container = Self.top(of: message["message_id"]?.text ?? "", containers)
        if facts.container == nil { facts.container = message["upper_message_id"].flatMap { try? MessageID($0.text) } }
        if facts.container == facts.id { facts.container = nil }
        facts.sender = message["sender"]?["id"]?.nonEmptyText ?? message["sender_id"]?.nonEmptyText
        let type = message["msg_type"] ?? message["message_type"]
        // Of lark-cli, which leaves out covers, and what is in cards: its text names those too.
        message["resources"]?
            .forEachElement { resource in
                collector.addToolResource(resource, facts)
                // What owns one part of the message owns the others.
                facts.container = resource["message_id"].flatMap { try? MessageID($0.text) } ?? facts.container
            }
        if type?.isEqual(to: "merge_forward") == true, containers.values.contains(message["message_id"]?.text ?? "") {
            // A bundle whose messages are in the same list.
            collector.countMessage()
        } else {
            collector.addContent(message["body"]?["content"] ?? message["content"], type: type, facts)
        }
        message["thread_replies"]?
            .forEachElement { reply in
                readMessage(reply, known, containers: containers, into: &collector)
            }
    }

    /// The top of the chain of containers. A bundle may be listed as a part of itself.
    private static func top(of id: String, _ containers: [String: String]) -> MessageID? {
        var current = id
        var visited: Set<String> = [id]
        while let upper = containers[current], visited.insert(upper).inserted { current = upper }
        return current == id ? nil : try? MessageID(current)
    }
}

extension MessageFacts {
    /// What an item of the list and get APIs says about itself.
    init(ofItem item: JSONValue) {
        self.init()
        readMessage(item)
        container = item["upper_message_id"].flatMap { try? MessageID($0.text) }
        if container == id { container = nil }
        sender = item["sender"]?["id"]?.nonEmptyText
    }

    /// The app and tenant that an event was received for. The sender's tenant may be another one.
    fileprivate mutating func readApp(_ value: JSONValue) {
        appID = value["app_id"].flatMap { try? AppID($0.text) } ?? appID
        tenantKey = value["tenant_key"].flatMap { try? TenantKey($0.text) } ?? tenantKey
    }

    fileprivate mutating func readMessage(_ message: JSONValue) {
        func id(_ name: StaticString) -> MessageID? { message[name].flatMap { try? MessageID($0.text) } }
        self.id = id("message_id")
        parent = id("parent_id") ?? id("reply_to")
        root = id("root_id")
        thread = message["thread_id"]?.nonEmptyText
        chat = message["chat_id"]?.nonEmptyText
        createdAt = message["create_time"].flatMap { Int64($0.text) }
    }
}
