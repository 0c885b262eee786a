import ArgumentParser
import FoundationEssentials
import ImageFetch
import LarkAPI
import Messages

/// Prints the images and files in messages.
struct KeysCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Print the images and files in messages, as lines that fetch -i takes.",
        discussion: """
            The input is what bots receive and tools save: events (encrypted ones too, if the store has the app's Encrypt \
            Key), answers of the list and get APIs, messages of lark-cli, content alone, and lines of lists; a message a \
            line, mixed, or one JSON document. Nothing is sent. What cannot be downloaded is reported on stderr.

            The tenant of an event is the one that is registered with its app_id and tenant_key, else that of --tenant.

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
    var type = WantedType.image

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    /// A key as `--json` prints it, in the form that `fetch -i` takes.
    private struct KeyLine: Encodable {
        var imageKey: String?
        let line: Int
        let messageId: String?
        var path: String?
        let tenant: String?
        var type: String?
    }

    var subject: TenantName? { tenant.subject }

    func run() async throws {
        let name = try tenant.nameIfAny()
        let format = try await KnownApps(store.openIfAny()).format(tenant: name)
        var hasErrors = false
        try await ListOptions.withList(input) { descriptor in
            try await InputReader.with(
                descriptor, format: format, spoolDirectory: FetchTarget.spoolDirectory
            ) { reader in
                var reader = reader
                while let pieces = try await reader.next() {
                    for piece in pieces {
                        for finding in piece.findings {
                            let isValid = try show(finding, line: piece.line, format)
                            if !isValid { hasErrors = true }
                        }
                    }
                }
            }
        }
        if hasErrors { throw ExitCode(ExitStatus.mixed) }
    }

    /// - Returns: false for what is no message and no line of a list.
    private func show(_ finding: LineParser.Finding, line: Int, _ format: FetchListFormat) throws -> Bool {
        switch finding {
        case .entry(let entry):
            switch entry.target {
            case .resource(let reference):
                try write(reference, of: entry.tenant, line: line)
            case .message(let message):
                // Only JSON names a message without a key.
                try Terminal.write(
                    JSONLine.text(KeyLine(line: line, messageId: message.text, tenant: entry.tenant?.text)))
            }
        case .resource(let resource):
            try write(
                resource.reference, type: resource.type,
                of: format.tenantOfMessage(resource.message) ?? format.tenant, line: line, path: resource.path)
        case .note(let note):
            report("line \(line): \(note)")
            return !note.isInvalid
        case .invalid(let invalid):
            report("\(invalid)")
            return false
        }
        return true
    }

    private func write(
        _ reference: ImageReference, type: ImageReference.ResourceType? = nil, of tenant: TenantName?, line: Int,
        path: String? = nil
    ) throws {
        let resourceType: ImageReference.ResourceType =
            if case .messageResource(_, _, let type) = reference { type } else { type ?? .image }
        guard type == nil || self.type.resourceTypes.contains(resourceType) else { return }
        let plain = "\(tenant.map { "\($0)\t" } ?? "")\(reference)\n"
        let isPlain = try reference == ImageReference("\(reference)")
        guard json || !isPlain else { return try Terminal.write(plain) }
        try Terminal.write(
            JSONLine.text(
                KeyLine(
                    imageKey: reference.key.text, line: line, messageId: reference.message?.text, path: path,
                    tenant: tenant?.text, type: resourceType.rawValue)))
    }

    private func report(_ text: String) {
        let source = input == "-" ? "stdin" : input
        Terminal.report(
            "larkimg: \(TerminalText.visible(source, limit: 200)): \(TerminalText.visible(text, limit: 500))\n")
    }
}
