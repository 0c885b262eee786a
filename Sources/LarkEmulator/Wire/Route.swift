import Hummingbird

/// The platform's APIs that the emulator serves. The raw value is the name in the journal and in faults.
public enum PlatformAPI: String, Sendable, Hashable, Codable, CaseIterable {
    /// `POST /open-apis/auth/v3/tenant_access_token/internal`
    case tenantAccessTokenInternal = "tenant_access_token/internal"
    /// `POST /open-apis/auth/v3/app_access_token/internal`
    case appAccessTokenInternal = "app_access_token/internal"
    /// `POST /open-apis/auth/v3/app_access_token` (store apps)
    case appAccessToken = "app_access_token"
    /// `POST /open-apis/auth/v3/tenant_access_token` (store apps)
    case tenantAccessToken = "tenant_access_token"
    /// `POST /open-apis/auth/v3/app_ticket/resend`
    case appTicketResend = "app_ticket/resend"
    /// `POST /oauth/v3/token`
    case oauthToken = "oauth/v3/token"
    /// `GET /open-apis/im/v1/images/:image_key`
    case imagesGet = "images.get"
    /// `POST /open-apis/im/v1/images`
    case imagesCreate = "images.create"
    /// `GET /open-apis/im/v1/messages/:message_id/resources/:file_key`
    case messageResourceGet = "message_resource.get"
    /// `GET /open-apis/im/v1/messages/:message_id`
    case messageGet = "message.get"
    /// `GET /open-apis/im/v1/messages`
    case messageList = "message.list"
    /// `GET /open-apis/im/v1/messages/mget`
    case messageBatchGet = "message.mget"
}

/// What a method and a path mean.
enum Route: Sendable, Hashable {
    case token(PlatformAPI)
    case image(key: String)
    case imageCreation
    case messageResource(messageID: String, fileKey: String)
    case message(id: String)
    case messageList
    case messageBatch
    case controlCommand
    case controlJournal
    case controlDump
    case unknown

    init(method: HTTPRequest.Method, path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map {
                String($0).removingPercentEncoding() ?? String($0)
            }
        switch (method, parts.first) {
        case (.post, "open-apis"):
            self = Self.postRoute(parts.dropFirst())
        case (.get, "open-apis"):
            self = Self.getRoute(parts.dropFirst())
        case (.post, "oauth") where parts == ["oauth", "v3", "token"]:
            self = .token(.oauthToken)
        case (.post, "_emulator") where parts == ["_emulator", "faults"]:
            self = .controlCommand
        case (.get, "_emulator") where parts == ["_emulator", "journal"]:
            self = .controlJournal
        case (.get, "_emulator") where parts == ["_emulator", "dump"]:
            self = .controlDump
        default:
            self = .unknown
        }
    }

    private static func postRoute(_ parts: ArraySlice<String>) -> Route {
        if parts == ["im", "v1", "images"] { return .imageCreation }
        guard parts.starts(with: ["auth", "v3"]) else { return .unknown }
        // The official samples write the token endpoints with a slash at the end as well.
        let name = parts.dropFirst(2).joined(separator: "/")
        let api = PlatformAPI(rawValue: name.hasSuffix("/") ? String(name.dropLast()) : name)
        switch api {
        case .tenantAccessTokenInternal, .appAccessTokenInternal, .appAccessToken, .tenantAccessToken,
            .appTicketResend:
            return api.map { .token($0) } ?? .unknown
        case .oauthToken, .imagesGet, .imagesCreate, .messageResourceGet, .messageGet, .messageList,
            .messageBatchGet, nil:
            return .unknown
        }
    }

    private static func getRoute(_ parts: ArraySlice<String>) -> Route {
        let parts = Array(parts)
        guard parts.starts(with: ["im", "v1"]) else { return .unknown }
        if parts.count == 4, parts[2] == "images", !parts[3].isEmpty {
            return .image(key: parts[3])
        }
        if parts == ["im", "v1", "messages"] { return .messageList }
        if parts.count == 4, parts[2] == "messages", !parts[3].isEmpty {
            return parts[3] == "mget" ? .messageBatch : .message(id: parts[3])
        }
        if parts.count == 6, parts[2] == "messages", parts[4] == "resources", !parts[3].isEmpty, !parts[5].isEmpty {
            return .messageResource(messageID: parts[3], fileKey: parts[5])
        }
        return .unknown
    }

    /// The platform's name for it, or nil.
    var api: PlatformAPI? {
        switch self {
        case .token(let api): api
        case .image: .imagesGet
        case .imageCreation: .imagesCreate
        case .messageResource: .messageResourceGet
        case .message: .messageGet
        case .messageList: .messageList
        case .messageBatch: .messageBatchGet
        case .controlCommand, .controlJournal, .controlDump, .unknown: nil
        }
    }

    /// The message_id in the path, or nil.
    var messageID: String? {
        switch self {
        case .message(let id), .messageResource(let id, _): id
        case .token, .image, .imageCreation, .messageList, .messageBatch, .controlCommand, .controlJournal,
            .controlDump, .unknown:
            nil
        }
    }

    /// The keys in the path.
    var keys: [String] {
        switch self {
        case .image(let key): [key]
        case .messageResource(let messageID, let fileKey): [messageID, fileKey]
        case .message(let id): [id]
        case .token, .imageCreation, .messageList, .messageBatch, .controlCommand, .controlJournal, .controlDump,
            .unknown:
            []
        }
    }
}
