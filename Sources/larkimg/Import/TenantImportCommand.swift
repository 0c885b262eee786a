import ArgumentParser
import FoundationEssentials
import LarkAPI
import PosixFiles
import SystemPackage
import TokenStore

/// Registers the tenants in a file.
struct TenantImportCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Register the tenants in a .env file, a configuration of lark-cli, or a CSV table.",
        discussion: """
            A .env file has APP_ID and APP_SECRET, also with the prefixes LARK_, FEISHU_ and LARKSUITE_CLI_. The \
            configuration of the official lark-cli is ~/.lark-cli/config.json; app_secrets in its keychain cannot be \
            read. The first row of a table names its columns: name, app_id, app_secret or app_secret_from (a reference, \
            as of tenant add), host; for tenants of store apps tenant_key and app or app_id. A tenant without a name \
            is named as its app_id.

            Tenants that exist are skipped, and a faulty entry does not stop the others; the status is then 1. Each app \
            is verified by requesting a token, unless --no-verify is given.

            EXAMPLE
              larkimg tenant import --dry-run tenants.csv
              larkimg tenant import ~/.lark-cli/config.json --update
              larkimg tenant import .env --name acme
            """
    )

    @Argument(help: ArgumentHelp("The file, or '-' for stdin.", valueName: "file|-"), completion: .file())
    var file: String

    @Option(help: "The form of the file. (default: recognized by its content)")
    var format: ImportFormat?

    @Option(help: ArgumentHelp("The name of the tenant, if the file has only one.", valueName: "name"))
    var name: String?

    @Flag(help: "Replace the apps of tenants that exist.")
    var update = false

    @Flag(help: "Print what would be done; change nothing and send nothing.")
    var dryRun = false

    @Flag(help: "Do not verify the apps with the platform.")
    var noVerify = false

    @Option(
        help: ArgumentHelp(
            "The platform of tenants for which the file names none: lark, feishu or a URL. (default: lark)",
            valueName: "lark|feishu|URL"))
    var host: String?

    @Flag(help: "Accept http URLs of other machines; secrets are then sent unencrypted.")
    var insecureHttp = false

    @OptionGroup var network: NetworkOptions
    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    private static let byteLimit = 16 << 20

    func run() async throws {
        try await SignalHandling.cancelOnSignal {
            guard try await importAll() else { throw ExitCode(ExitStatus.mixed) }
        }
    }

    private func importAll() async throws -> Bool {
        let host = try host.map { try LarkHost($0, allowInsecureHTTP: insecureHttp) } ?? .lark
        let entries = try entries()
            .map { entry in
                (
                    entry,
                    Result { try entry.tenant(host: host, allowInsecureHTTP: insecureHttp) }
                        .mapError { error in
                            error as? CommandError ?? CommandError(description: "\(entry.place): \(error)", remedy: nil)
                        }
                )
            }
        let hasTenants = entries.contains { (try? $0.1.get()) != nil }
        let existing = try await store.openIfAny()
        let store = if existing == nil, hasTenants, !dryRun { try await store.open(.createIfMissing) } else { existing }
        return try await CommandContext.withClient(network) { client in
            let run = TenantImport(
                store: store, client: client, updates: update, verifies: !noVerify, isDryRun: dryRun)
            return try await run.run(entries, report)
        }
    }

    private func entries() throws -> [ImportEntry] {
        let text = try text()
        guard let format = format ?? ImportFormat(of: text) else {
            throw CommandError(
                description: "the file has none of the known forms",
                remedy: "Name its form with --format env, lark-cli or csv; see larkimg tenant import --help")
        }
        var entries = try format.entries(in: text)
        guard !entries.isEmpty else {
            throw CommandError(
                description: "the file has no tenants",
                remedy: "See larkimg tenant import --help for the variables and columns that it needs")
        }
        guard let name else { return entries }
        guard entries.count == 1 else {
            throw CommandError(
                description: "--name does not go with a file of \(entries.count) tenants", remedy: "Leave it out")
        }
        entries[0].name = name
        return entries
    }

    private func text() throws -> String {
        let source = file == "-" ? "stdin" : TerminalText.visible(file, limit: 200)
        do {
            let bytes: [UInt8]
            if file == "-" {
                bytes = try FileDescriptor.standardInput.readAll(upTo: Self.byteLimit + 1)
            } else {
                let opened = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
                bytes = try opened.closeAfter { try opened.readAll(upTo: Self.byteLimit + 1) }
            }
            guard bytes.count <= Self.byteLimit, let text = String(validating: bytes, as: UTF8.self) else {
                throw CommandError(
                    description: "\(source) is not a text of at most \(Self.byteLimit >> 20) MiB in UTF-8",
                    remedy: "Check that it is the right file")
            }
            // Spreadsheets begin a file with a byte order mark.
            return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        } catch let error as Errno {
            throw CommandError(
                description: "\(source) cannot be read: \(error.description.lowercased())",
                remedy: "Check the file's name and permissions")
        }
    }

    private func report(_ line: ImportLine, _ failure: Failure?) throws {
        if json { return try Terminal.write(JSONLine.text(line)) }
        if let failure { return Terminal.report(failure.text) }
        let note = line.status == .exists ? ": it exists; --update replaces its app" : ""
        try Terminal.write("\(line.status.verb) \(line.tenant ?? "") (\(line.app ?? ""))\(note)\n")
    }
}
