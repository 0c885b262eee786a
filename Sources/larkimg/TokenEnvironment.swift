import FoundationEssentials
import LarkAPI

/// The environment variables that carry a token to other programs.
enum TokenEnvironment {
    /// The token and its expiry, for any script.
    static func variables(_ token: TenantAccessToken) -> [(name: String, value: String)] {
        [
            ("LARK_TENANT_ACCESS_TOKEN", token.secret.revealedText),
            ("LARK_TENANT_ACCESS_TOKEN_EXPIRES_AT", token.expiresAt.formatted(.iso8601)),
        ]
    }

    /// The same, and what the platform's official `lark-cli` reads (its README, "Environment variables").
    static func variables(
        _ token: TenantAccessToken, appID: AppID, host: LarkHost
    ) -> [(name: String, value: String)] {
        variables(token) + [
            ("LARK_HOST", host.origin),
            ("LARKSUITE_CLI_APP_ID", appID.text),
            ("LARKSUITE_CLI_TENANT_ACCESS_TOKEN", token.secret.revealedText),
            ("LARKSUITE_CLI_BRAND", host.brand),
        ]
    }

    /// Variables that the program must not inherit.
    static let secrets = ["LARKIMG_APP_SECRET"]
}
