import FoundationEssentials
import LarkAPI
import Messages
import PosixFiles
import SystemPackage

/// What is known about a file and its message, as JSON beside the file. Members that are not known are absent.
struct Sidecar: Encodable {
    private let tenant: String
    private let imageKey: String
    private let type: String
    private let messageID: String?
    private let ownerMessageID: String?
    private let chatID: String?
    private let threadID: String?
    private let parentID: String?
    private let rootID: String?
    private let senderID: String?
    private let createTime: String?
    private let fileName: String?
    private let contentType: String?
    private let bytes: Int
    private let sha256: String?

    private enum CodingKeys: String, CodingKey {
        case tenant
        case imageKey = "image_key"
        case type
        case messageID = "message_id"
        case ownerMessageID = "owner_message_id"
        case chatID = "chat_id"
        case threadID = "thread_id"
        case parentID = "parent_id"
        case rootID = "root_id"
        case senderID = "sender_id"
        case createTime = "create_time"
        case fileName = "file_name"
        case contentType = "content_type"
        case bytes
        case sha256
    }

    init(_ item: FetchItem, _ outcome: DownloadOutcome) {
        let message = item.message
        tenant = item.tenant.text
        imageKey = item.reference.key.text
        type = item.reference.type.rawValue
        messageID = (message?.id ?? item.reference.message)?.text
        let owner = outcome.reference.message?.text
        ownerMessageID = owner == messageID ? nil : owner
        chatID = message?.chat
        threadID = message?.thread
        parentID = message?.parent?.text
        rootID = message?.root?.text
        senderID = message?.sender
        createTime = message?.created?.formatted(.iso8601)
        fileName = item.fileName
        contentType = outcome.contentType
        bytes = outcome.bytes
        sha256 = outcome.sha256
    }

    /// Writes it beside the file, replacing an older one. Blocks.
    ///
    /// - Parameters:
    ///   - file: the path of the file.
    /// - Throws: ``ImageFetchError``.
    func write(beside file: FilePath) throws {
        var path = file
        path.removeLastComponent()
        let name = (file.lastComponent?.string ?? "") + ".json"
        path.append(name)
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let json = Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
            try AtomicFile.write(json, to: path, permissions: FilePermissions(rawValue: 0o644), replaces: true)
        } catch let error as Errno {
            throw ImageFetchError.creating(at: path, error)
        }
    }
}
