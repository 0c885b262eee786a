/// What to do about an error: advice in words, and what the program's user can do in the program itself.
///
/// A library does not know how its program is operated, so an action is a value: it reads as a sentence, and a program
/// may say it in terms of its own commands and options.
public struct Remedy: Sendable, CustomStringConvertible {
    /// Sentences without a final full stop; empty if the action says it all.
    public let advice: String

    /// What to do in the program.
    public let action: (any RemedyAction)?

    /// Creates a remedy of advice, an action, or both.
    public init(_ advice: String = "", _ action: (any RemedyAction)? = nil) {
        self.advice = advice
        self.action = action
    }

    /// The remedy with the action in the words of a program.
    ///
    /// - Parameter words: returns the sentence for an action.
    public func text(_ words: (any RemedyAction) -> String) -> String {
        [advice, action.map(words) ?? ""].filter { !$0.isEmpty }.joined(separator: ". ")
    }

    /// The remedy in words that fit any program.
    public var description: String { text(\.description) }
}

extension Remedy: ExpressibleByStringInterpolation {
    /// Creates a remedy of advice alone.
    public init(stringLiteral advice: String) {
        self.init(advice)
    }
}

/// Something that the user of a program can do about an error. Its description is a sentence without a full stop.
public protocol RemedyAction: Sendable, CustomStringConvertible {}

/// What can be done about an error of the platform, or of the connection to it.
@nonexhaustive
public enum PlatformAction: RemedyAction, Hashable {
    /// Check the address of the platform.
    case checkHost
    /// Check the address of the auth service.
    case checkServiceAddress
    /// Check the secret of an app, and replace it: of the tenant's custom app, or of a store app.
    case replaceAppSecret(of: AppName?)
    /// Change something in the developer console. The text follows "In the developer console of the app,".
    case configureApp(String)
    /// Request a new token.
    case refreshToken
    /// Name the message that contains the image.
    case nameMessage
    /// Request the image as one that the app uploaded itself.
    case nameUploadedImage
    /// Send fewer requests at once.
    case lowerConcurrency
    /// Trust the issuer of the server's certificate.
    case trustIssuer
    /// Present a client certificate.
    case presentCertificate
    /// Use a secret that the auth service knows.
    case replaceClientSecret
    /// Let this client of the auth service use the tenant.
    case grantTenant
    /// Join the group whose members may use the auth service's socket, if its name is known.
    case joinGroup(String?)
    /// Check the file with the certificates to trust.
    case checkTrustedCertificates
    /// Check the address of the proxy.
    case checkProxy
    /// Accept plain HTTP to another machine.
    case allowInsecureHTTP
    /// Keep fewer calls of the month in reserve, or set a higher quota.
    case lowerMonthReserve

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .checkHost: "Check the host: it must be the address of the platform"
        case .checkServiceAddress: "Check the address of the auth service"
        case .replaceAppSecret(let app):
            "Check app_id, host and secret\(app.map { " of the app \($0)" } ?? ""), then set the secret again"
        case .configureApp(let change): "In the developer console of the app, \(change)"
        case .refreshToken: "Request a new token"
        case .nameMessage: "To download what users sent, name the message along with the key"
        case .nameUploadedImage: "To download an image that the app uploaded itself, name the key alone"
        case .lowerConcurrency: "Send fewer requests at once"
        case .trustIssuer: "Trust the certificates of its issuer"
        case .presentCertificate: "Present a client certificate that it trusts"
        case .replaceClientSecret: "Check the client secret; it may be wrong, expired or replaced"
        case .grantTenant: "Check the name of the tenant, and that this client may use it"
        case .joinGroup(let group): "Join the group of the socket\(group.map { ", \($0)" } ?? "")"
        case .checkTrustedCertificates: "Check the file of trusted certificates"
        case .checkProxy: "Check the address of the proxy"
        case .allowInsecureHTTP: "Allow plain HTTP, which sends secrets in clear"
        case .lowerMonthReserve: "Keep fewer calls in reserve; if the app's plan allows more calls, set its quota"
        }
    }
}
