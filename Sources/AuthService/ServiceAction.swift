package import LarkAPI

/// What can be done about an error of the auth service.
package enum ServiceAction: RemedyAction, Hashable {
    /// Listen on another socket.
    case chooseSocket
    /// Listen on another address.
    case chooseAddress
    /// Name the host that clients use.
    case setPublicHost
    /// Use another certificate or private key.
    case chooseCertificate
    /// Store the keys by which the events of an app are authenticated.
    case setEventKeys(AppName)

    package var description: String {
        switch self {
        case .chooseSocket: "Choose another socket path"
        case .chooseAddress: "Choose another address"
        case .setPublicHost: "Set the public host of the service"
        case .chooseCertificate: "Choose another certificate and key"
        case .setEventKeys(let app): "Set the Encrypt Key and the Verification Token of \(app)"
        }
    }
}
