import ArgumentParser
import AuthService
import FoundationEssentials
import ImageFetch
import LarkAPI
import Messages
import TokenStore

/// Prints the images and files in messages.
struct KeysCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Print the images and files in messages, as lines that fetch -i takes.",
        discussion: """
            The input is what bots receive and tools save: events (encrypted ones too, if the store has the app's Encrypt \
            Key), answers of the list and get APIs, messages of lark-cli, content alone, and lines of lists; a message a \
            line, mixed, or one JSON document. Nothing is sent. What cannot be downloaded is reported on stderr.

            Without --tenant, the tenant of an event is the one that is registered with its app_id and tenant_key.

            EXAMPLE
              larkimg keys -i events.ndjson
              larkimg keys -i events.ndjson --tenant acme | larkimg fetch -i - -d out
            """
    )

    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp("The file with messages, or '-' for stdin.", valueName: "file|-"),
        completion: .file())
    var input: String

    @OptionGroup var tenant: TenantOption

    @Option(help: "Which of them to print.")
    var type = Wanted.image

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    enum Wanted: String, CaseIterable, ExpressibleByArgument {
        case image
        case file
        case all
    }

    /// A key as `--json` prints it, in the form that `fetch -i` takes.
    private struct KeyLine: Encodable {
        let imageKey: String
        let line: Int
        let messageId: String?
        let path: String?
        let tenant: String?
        let type: String
    }

    var subject: TenantName? { tenant.subject }

    func run() async throws {
        let name = try tenant.nameIfAny()
        let known = try await KnownApps(store.openIfAny())
        let scanner = KeyScanner(
            format: FetchListFormat(tenant: name), messages: MessageReader(decrypt: known.decrypted))
        let source = input == "-" ? "stdin" : input
        var hasErrors = false
        try await ListOptions.withList(input) { descriptor in
            try await scanner.scan(descriptor, spoolDirectory: FetchTarget.spoolDirectory) { line, finding in
                switch finding {
                case .entry(let entry):
                    try write(entry.reference, of: entry.tenant, line: line)
                case .resource(let resource):
                    try write(
                        resource.reference, type: resource.type, of: name ?? known.tenant(of: resource.message),
                        line: line, path: resource.path)
                case .note(let note):
                    if case .errorAnswer = note.reason { hasErrors = true }
                    report(source, "line \(line): \(note)")
                case .invalid(let invalid):
                    hasErrors = true
                    report(source, "\(invalid)")
                }
            }
        }
        if hasErrors { throw ExitCode(ExitStatus.mixed) }
    }

    private func write(
        _ reference: ImageReference, type: ImageReference.ResourceType? = nil, of tenant: TenantName?, line: Int,
        path: String? = nil
    ) throws {
        let resourceType: ImageReference.ResourceType =
            if case .messageResource(_, _, let type) = reference { type } else { type ?? .image }
        guard type == nil || self.type == .all || self.type.rawValue == resourceType.rawValue else { return }
        let plain = "\(tenant.map { "\($0)\t" } ?? "")\(reference)\n"
        let isPlain = try reference == ImageReference("\(reference)")
        guard json || !isPlain else { return try Terminal.write(plain) }
        try Terminal.write(
            JSONLine.text(
                KeyLine(
                    imageKey: reference.key.text, line: line, messageId: reference.message?.text, path: path,
                    tenant: tenant?.text, type: resourceType.rawValue)))
    }

    private func report(_ source: String, _ text: String) {
        Terminal.report(
            "larkimg: \(TerminalText.visible(source, limit: 200)): \(TerminalText.visible(text, limit: 500))\n")
    }
}

/// The apps and tenants of a store, by which the platform's events name them.
private struct KnownApps: Sendable {
    private struct Owner: Hashable {
        let app: AppID
        /// nil for a custom app, which has one tenant.
        let tenantKey: TenantKey?
    }

    private let tenants: [Owner: TenantName]
    private let encryptKeys: [Secret]

    /// - Parameter store: nil if there is none; then no app is known.
    init(_ store: Store?) async throws {
        guard let store else {
            tenants = [:]
            encryptKeys = []
            return
        }
        tenants = Dictionary(
            try await store.tenants().map { (Owner(app: $0.appID, tenantKey: $0.tenantKey), $0.name) }
        ) { first, _ in first }
        encryptKeys = try await store.eventSettings().values.compactMap(\.settings.encryptKey)
    }

    func tenant(of message: MessageFacts) -> TenantName? {
        guard let app = message.appID else { return nil }
        return tenants[Owner(app: app, tenantKey: message.tenantKey)] ?? tenants[Owner(app: app, tenantKey: nil)]
    }

    @Sendable
    func decrypted(_ text: String) -> [UInt8]? {
        encryptKeys.lazy.compactMap { EventCipher.text(of: text, encryptKey: $0) }
            .first { (try? JSONDocument($0)) != nil }
    }
}
