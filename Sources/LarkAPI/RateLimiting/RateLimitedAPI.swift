/// An API with a rate limit for each app in each tenant (document "Frequency control").
public enum RateLimitedAPI: String, Sendable, CaseIterable {
    /// `GET /open-apis/im/v1/images/:image_key`.
    case imageGet = "im/v1/images"
    /// `GET /open-apis/im/v1/messages/:message_id/resources/:file_key`.
    case messageResourceGet = "im/v1/messages/resources"
}

extension ImageReference {
    /// The API that serves it.
    public var api: RateLimitedAPI {
        switch self {
        case .image: .imageGet
        case .messageResource: .messageResourceGet
        }
    }
}
