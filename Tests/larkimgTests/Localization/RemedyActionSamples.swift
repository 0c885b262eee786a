import AuthService
import ImageFetch
import LarkAPI
import TokenStore

@testable import larkimg

/// Every action of a remedy, with samples of its values.
///
/// Each case leads to the samples of the next one, so that a new case does not compile before it has a place here.
enum RemedyActionSamples {
    private struct Names {
        let app: AppName
        let client: ClientName
        let tenant: TenantName

        init() throws {
            app = try AppName("shop")
            client = try ClientName("reports")
            tenant = try TenantName("globex")
        }
    }

    /// The samples of all actions of each enumeration, case by case.
    static func all() throws -> [String: [[any RemedyAction]]] {
        let names = try Names()
        return [
            "PlatformAction": all { platform(after: $0, names) }, "StoreAction": all { store(after: $0, names) },
            "DownloadAction": all(download), "ServiceAction": all { service(after: $0, names) },
        ]
    }

    /// The texts of all actions: with and without an app, for known and unknown names, and as a service says them.
    static func texts() throws -> [String] {
        let reference = try ImageReference("img_x")
        let tenant = try TenantName("acme")
        let words = [
            RemedyText(tenant: tenant, reference: reference, appID: nil),
            RemedyText(tenant: tenant, reference: reference, appID: try AppID("cli_x"), expectsName: true),
        ]
        let actions = try all().values.flatMap { $0.flatMap(\.self) }
        return words.flatMap { words in actions.map { words.text(Remedy("", $0)) } } + actions.map(\.description)
    }

    private static func all<Action: RemedyAction>(_ next: (Action?) -> [Action]) -> [[any RemedyAction]] {
        var all: [[any RemedyAction]] = []
        var samples = next(nil)
        while let first = samples.first {
            all.append(samples)
            samples = next(first)
        }
        return all
    }

    private static func platform(after action: PlatformAction?, _ names: Names) -> [PlatformAction] {
        switch action {
        case nil: [.checkHost]
        case .checkHost: [.checkServiceAddress]
        case .checkServiceAddress: [.replaceAppSecret(of: nil), .replaceAppSecret(of: names.app)]
        case .replaceAppSecret: [.configureApp("enable it")]
        case .configureApp: [.refreshToken]
        case .refreshToken: [.nameMessage]
        case .nameMessage: [.nameUploadedImage]
        case .nameUploadedImage: [.lowerConcurrency]
        case .lowerConcurrency: [.trustIssuer]
        case .trustIssuer: [.presentCertificate]
        case .presentCertificate: [.replaceClientSecret]
        case .replaceClientSecret: [.grantTenant]
        case .grantTenant: [.joinGroup(nil), .joinGroup("staff")]
        case .joinGroup: [.checkTrustedCertificates]
        case .checkTrustedCertificates: [.checkProxy]
        case .checkProxy: [.allowInsecureHTTP]
        case .allowInsecureHTTP: [.lowerMonthReserve]
        case .lowerMonthReserve: []
        }
    }

    private static func store(after action: StoreAction?, _ names: Names) -> [StoreAction] {
        switch action {
        case nil: [.chooseStore]
        case .chooseStore: [.chooseKeyFile]
        case .chooseKeyFile: [.registerTenant(nil), .registerTenant(names.tenant)]
        case .registerTenant: [.registerApp(names.app)]
        case .registerApp: [.registerClient(names.client)]
        case .registerClient: [.updateTenant(names.tenant)]
        case .updateTenant: [.updateApp(names.app)]
        case .updateApp: [.updateClient(names.client)]
        case .updateClient: [.removeTenant(names.tenant)]
        case .removeTenant: [.removeClient(names.client)]
        case .removeClient: [.replaceTenantSecret(names.tenant)]
        case .replaceTenantSecret: [.replaceAppSecret(names.app)]
        case .replaceAppSecret: [.replaceEventKeys(names.app)]
        case .replaceEventKeys: [.setTicket(names.app)]
        case .setTicket: [.checkStore]
        case .checkStore: [.backUpStore]
        case .backUpStore: [.copyStore]
        case .copyStore: [.buildWithPostgreSQL]
        case .buildWithPostgreSQL: []
        }
    }

    private static func download(after action: DownloadAction?) -> [DownloadAction] {
        switch action {
        case nil: [.chooseOutput]
        case .chooseOutput: [.chooseFileName]
        case .chooseFileName: [.overwrite]
        case .overwrite: [.chooseReport(.failures), .chooseReport(.gallery)]
        case .chooseReport: [.chooseTemporaryDirectory]
        case .chooseTemporaryDirectory: [.raiseTimeout]
        case .raiseTimeout: [.raiseSizeLimit]
        case .raiseSizeLimit: [.lowerRate]
        case .lowerRate: [.provideList]
        case .provideList: []
        }
    }

    private static func service(after action: ServiceAction?, _ names: Names) -> [ServiceAction] {
        switch action {
        case nil: [.chooseSocket]
        case .chooseSocket: [.chooseAddress]
        case .chooseAddress: [.setPublicHost]
        case .setPublicHost: [.chooseCertificate]
        case .chooseCertificate: [.setEventKeys(names.app)]
        case .setEventKeys: []
        }
    }
}
