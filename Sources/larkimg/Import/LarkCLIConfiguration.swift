import FoundationEssentials
import LarkAPI

/// The configuration of the official lark-cli, `~/.lark-cli/config.json` (its source, `internal/core/config.go` and
/// `secret.go`): a list of apps, each with a name, an app_id, a brand, and an app_secret or where it is.
enum LarkCLIConfiguration {
    private struct File: Decodable {
        let apps: [App]
    }

    private struct App: Decodable {
        let name: String?
        let appId: String?
        let appSecret: AppSecret?
        let brand: String?
    }

    private enum AppSecret: Decodable {
        case text(String)
        case reference(source: String, id: String)
        case other

        private struct Reference: Decodable {
            let source: String
            let id: String
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let reference = try? container.decode(Reference.self) {
                self = .reference(source: reference.source, id: reference.id)
            } else {
                self = .other
            }
        }
    }

    /// The apps in a configuration.
    ///
    /// - Throws: ``CommandError`` if the text is not one.
    static func entries(in text: String) throws -> [ImportEntry] {
        guard let file = try? JSONDecoder().decode(File.self, from: Data(text.utf8)) else {
            throw CommandError(
                description: "the file is not a configuration of lark-cli",
                remedy: "It is ~/.lark-cli/config.json, with a list of apps")
        }
        return file.apps.enumerated().map { index, app in entry(app, number: index + 1) }
    }

    private static func entry(_ app: App, number: Int) -> ImportEntry {
        let name = app.name.flatMap { $0.isEmpty ? nil : $0 }
        var entry = ImportEntry(place: "app \(number)", name: name, appID: app.appId)
        entry.host = app.brand.flatMap { $0.isEmpty ? nil : $0 }
        switch app.appSecret {
        case .text(let text) where !text.isEmpty:
            entry.appSecret = text
        case .reference("file", let path):
            entry.appSecretFrom = "file:\(path)"
        case .reference("env", let name):
            entry.appSecretFrom = "env:\(name)"
        case .reference("keychain", _), .reference("encrypted_file", _):
            entry.problem = (
                "lark-cli keeps the app_secret of \(label(entry)) in its keychain, where larkimg cannot read it",
                "Copy it from the developer console, then: \(command(entry))"
            )
        case .text, .reference, .other, nil:
            entry.problem = ("\(label(entry)) has no app_secret", "Use \(command(entry))")
        }
        return entry
    }

    private static func label(_ entry: ImportEntry) -> String { entry.knownName?.text ?? "the app" }

    /// The command that adds the app when its secret is known. Only valid words of the file are repeated.
    private static func command(_ entry: ImportEntry) -> String {
        let id = entry.appID.flatMap { $0.hasPrefix("cli_") ? try? AppID($0) : nil }
        let host = entry.host == "feishu" ? " --host feishu" : ""
        return "larkimg tenant add \(entry.knownName?.text ?? "NAME") --app-id \(id?.text ?? "ID")\(host)"
    }
}
