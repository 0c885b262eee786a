import LarkAPI

/// A row of `app`, its secret left sealed.
struct AppRecord: Sendable, Hashable {
    let id: Int64
    /// Of a store app; nil for a custom app, which goes by its tenant's name.
    let name: AppName?
    let host: LarkHost
    let appID: AppID
    let generation: Int64
}
