import AuthService
import ImageFetch
import LarkAPI
import TokenStore

/// Remedies in terms of the commands and options of larkimg.
struct RemedyText {
    let tenant: TenantName?
    let reference: ImageReference?
    let appID: AppID?
    /// Whether an unknown name is a mistyped one, since the command is about something that exists.
    var expectsName = false

    /// A remedy as one line, without a full stop at the end.
    func text(_ remedy: Remedy) -> String {
        remedy.text { action in
            switch action {
            case let action as PlatformAction: text(action)
            case let action as StoreAction: text(action)
            case let action as DownloadAction: text(action)
            case let action as ServiceAction: text(action)
            default: action.description
            }
        }
    }

    private var tenantName: String { tenant?.text ?? "NAME" }
    private var key: String { reference?.key.text ?? "KEY" }

    private func text(_ action: PlatformAction) -> String {
        switch action {
        case .checkHost: "Check --host: it must be the platform's address"
        case .checkServiceAddress: "Check --auth-service: it must be the address of larkimg serve"
        case .replaceAppSecret(let app):
            "Check app_id, secret and host, then: larkimg "
                + (app.map { "app update \($0)" } ?? "tenant update \(tenantName)") + " --app-secret-file FILE"
        case .configureApp(let change):
            "In the developer console of \(appID.map { "app \($0)" } ?? "the app"), \(change)"
        case .refreshToken: "To request a new token: larkimg token --refresh --tenant \(tenantName)"
        case .nameMessage:
            "For images that users sent: larkimg fetch --tenant \(tenantName) --message MESSAGE_ID \(key)"
        case .nameUploadedImage:
            "For an image that the app uploaded itself: larkimg fetch --tenant \(tenantName) \(key)"
        case .lowerConcurrency: "Lower --jobs"
        case .trustIssuer: "Name a file with the certificates of its issuer in SSL_CERT_FILE"
        case .presentCertificate:
            "Name a certificate that it trusts in LARKIMG_AUTH_CERT_FILE, and its key in LARKIMG_AUTH_KEY_FILE"
        case .replaceClientSecret:
            "Check the secret in LARKIMG_AUTH_SECRET_FILE; for a new one, on the service's host: larkimg client rotate NAME"
        case .grantTenant:
            "Check the name; to grant it, on the service's host: larkimg client update NAME --tenants \(tenantName)"
        case .joinGroup(let group):
            "Only members of the group \(group ?? "of the socket") may use it: usermod -a -G \(group ?? "GROUP") USER"
        case .checkTrustedCertificates: "Check SSL_CERT_FILE: it must name a PEM file"
        case .checkProxy: "Check --proxy and HTTPS_PROXY; hosts in NO_PROXY are reached without a proxy"
        case .allowInsecureHTTP: "To send secrets in clear all the same, add --insecure-http"
        case .lowerMonthReserve:
            "Lower --reserve; if the app's plan allows more calls, raise --month-quota with larkimg tenant or app update"
        }
    }

    private func text(_ action: StoreAction) -> String {
        switch action {
        case .registerTenant(_?) where expectsName: "See larkimg tenant list"
        case .registerApp where expectsName: "See larkimg app list"
        case .registerClient where expectsName: "See larkimg client list"
        case .chooseStore: "Name another file with --store or LARKIMG_STORE"
        case .chooseKeyFile: "Name the key file in LARKIMG_KEY_FILE"
        case .registerTenant(nil): "Register a tenant: larkimg tenant add NAME --app-id ID --app-secret-file FILE"
        case .registerTenant(let name?):
            "See larkimg tenant list, or register it: larkimg tenant add \(name) --app-id ID --app-secret-file FILE"
        case .registerApp(let name):
            "See larkimg app list, or register it: larkimg app add \(name) --app-id ID --app-secret-file FILE"
        case .registerClient(let name):
            "See larkimg client list, or register it: larkimg client add \(name) --tenants NAMES"
        case .updateTenant(let name): "To change it: larkimg tenant update \(name)"
        case .updateApp(let name): "To change it: larkimg app update \(name)"
        case .updateClient(let name): "To change it: larkimg client update \(name)"
        case .removeTenant(let name): "To remove one: larkimg tenant remove \(name)"
        case .removeClient(let name): "To remove it: larkimg client remove \(name)"
        case .replaceTenantSecret(let name): "Set it again: larkimg tenant update \(name) --app-secret-file FILE"
        case .replaceAppSecret(let name): "Set it again: larkimg app update \(name) --app-secret-file FILE"
        case .replaceEventKeys(let name):
            "Set them again: larkimg app update \(name) --encrypt-key-file FILE --verification-token-file FILE"
        case .setTicket(let name): "Or set one: larkimg app ticket set \(name) --file FILE"
        case .checkStore: "Run larkimg store check"
        case .backUpStore: "Use larkimg store backup"
        case .copyStore: "To continue it, run the same larkimg store copy again"
        case .buildWithPostgreSQL:
            "Install libpq-dev, then: swift build -c release --traits PostgreSQL --product larkimg"
        }
    }

    private func text(_ action: DownloadAction) -> String {
        switch action {
        case .chooseOutput: "Name another directory with -d, or another file with -o"
        case .chooseFileName: "Name a file with -o"
        case .overwrite: "Name another file with -o; --overwrite replaces files and links, but nothing else"
        case .chooseReport(.failures): "Name another file with --errors-to"
        case .chooseReport(.gallery): "Name another file with --gallery"
        case .chooseTemporaryDirectory: "Name another directory in TMPDIR"
        case .raiseTimeout: "Allow more time with --timeout"
        case .raiseSizeLimit: "Raise --max-size"
        case .lowerRate: "To lower larkimg's share of the rate limit: larkimg tenant update \(tenantName) --quota RATE"
        case .provideList: "Name a list with -i FILE, or - for stdin"
        }
    }

    private func text(_ action: ServiceAction) -> String {
        switch action {
        case .chooseSocket: "Name another path with --socket, such as /run/larkimg/larkimg.sock"
        case .chooseAddress: "Name another address with --listen or --socket"
        case .setPublicHost: "Name the host that clients use with --public-host"
        case .chooseCertificate: "Name PEM files with --tls-cert and --tls-key"
        case .setEventKeys(let app):
            "Set the keys: larkimg app update \(app) --encrypt-key-file FILE --verification-token-file FILE. "
                + "Or accept the risk with --allow-unsigned-events"
        }
    }
}
