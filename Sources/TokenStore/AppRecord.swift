import LarkAPI

/// A row of `app`, its secret left sealed.
struct AppRecord: Sendable, Hashable {
    let id: Int64
    let host: LarkHost
    let appID: AppID
    let generation: Int64
}
