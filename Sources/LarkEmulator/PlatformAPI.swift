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
}
