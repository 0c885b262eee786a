import ArgumentParser
import FoundationEssentials
import LarkAPI

/// The forms of a file with tenants.
enum ImportFormat: String, CaseIterable, ExpressibleByArgument {
    /// Variables with an app_id and an app_secret: a `.env` file.
    case env
    /// The configuration of the official lark-cli.
    case larkCLI = "lark-cli"
    /// A table with a header row.
    case csv

    /// Recognizes the form of a text.
    ///
    /// - Returns: nil for a text in none of them.
    init?(of text: String) {
        guard let first = text.unicodeScalars.first(where: { !$0.properties.isWhitespace }) else { return nil }
        if first == "{" {
            self = .larkCLI
        } else if TenantTable.isHeader(of: text) {
            self = .csv
        } else if text.contains("APP_ID") {
            self = .env
        } else {
            return nil
        }
    }

    /// The entries of a file in this form.
    ///
    /// - Throws: ``CommandError`` for a file that cannot be read at all.
    func entries(in text: String) throws -> [ImportEntry] {
        switch self {
        case .env: DotEnvFile.entries(in: text)
        case .larkCLI: try LarkCLIConfiguration.entries(in: text)
        case .csv: try TenantTable.entries(in: text)
        }
    }
}
