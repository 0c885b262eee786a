import FoundationEssentials
import PosixFiles
import TokenStore

/// What to do on a machine that has no store yet.
enum FirstSteps {
    /// Whether there is neither a store nor an auth service to use. A location that cannot be found counts as one: the
    /// next command reports what is wrong with it.
    static func areDue(in environment: [String: String]) -> Bool {
        guard (environment["LARKIMG_AUTH_SERVICE"] ?? "").isEmpty,
            let location = try? StoreLocation(store: nil, environment: environment), location.server == nil
        else { return false }
        // A process that dies while it creates the store leaves an empty file.
        return (FileStatus.of(location.store, followsLinks: true)?.size ?? 0) == 0
    }

    /// The text in a language, line by line; commands have no other words in any language.
    static func text(in language: Language) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                let indentation = line.prefix { $0 == " " }
                return indentation + language.text(String(line.dropFirst(indentation.count)))
            }
            .joined(separator: "\n")
    }

    private static let text = """
        larkimg downloads images from Lark and Feishu, and shares one token per tenant.
        There is no store yet. You need an app of your own, its app_id and app_secret:
          https://open.larksuite.com/app, or https://open.feishu.cn/app for Feishu

        Register it under a name of your choice; larkimg asks for the app_secret:
          larkimg tenant add acme --app-id cli_a1b2c3
          larkimg tenant add acme --app-id cli_a1b2c3 --host feishu
        Or take over the apps of a .env file, of lark-cli, or of a CSV table:
          larkimg tenant import FILE --dry-run

        Then print a token, or download an image that the app uploaded:
          larkimg token --tenant acme
          larkimg fetch --tenant acme img_v3_02ab

        larkimg --help lists all commands; larkimg doctor checks this machine.

        """
}
