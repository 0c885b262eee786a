public import LarkAPI

/// What proves to the platform that a request comes from an app, as an operator registers it.
public struct AppCredentials: Sendable {
    /// The app's id.
    public var appID: AppID
    /// The app's secret.
    public var appSecret: Secret
    /// Where the platform answers for it.
    public var host: LarkHost

    /// Takes all three.
    public init(appID: AppID, appSecret: Secret, host: LarkHost) {
        self.appID = appID
        self.appSecret = appSecret
        self.host = host
    }
}
