import ArgumentParser
import FoundationEssentials
import ImageFetch
import LarkAPI
import TokenStore

/// Downloads images.
struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Download images, and what users sent in messages.",
        discussion: """
            An image that the app uploaded is named by its image_key; what a user sent, by MESSAGE_ID/KEY. Each file is \
            named <key>.<extension by content>; its path is printed when it is whole. A file that is there already \
            counts as done. Run the same command again to fetch what is missing.

            EXAMPLE
              larkimg fetch --tenant acme img_v3_02ab_…
              larkimg fetch --tenant acme -d images om_…/img_v3_02cd_… --json
              larkimg fetch --tenant acme -o - img_v3_02ab_… | file -
            """
    )

    @Argument(help: "An image_key, or MESSAGE_ID/KEY.")
    var key: [String] = []

    @OptionGroup var tenant: TenantOption

    @Option(help: ArgumentHelp("The keys are of resources of this message.", valueName: "message-id"))
    var message: String?

    @Option(help: "What the resource of a message is. (default: file for keys that begin with file_, else image)")
    var type: ResourceType?

    @OptionGroup var target: FetchTarget
    @OptionGroup var limits: FetchLimits
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    /// `ImageReference.ResourceType`, for the argument parser.
    enum ResourceType: String, ExpressibleByArgument, CaseIterable {
        case image
        case file
    }

    func run() async throws {
        var name: TenantName?
        do {
            let tenant = try tenant.name()
            name = tenant
            let references = try references()
            let destination = try target.destination(of: references.count)
            let limits = try limits.limits()
            try await Interruption.ending {
                try await fetch(references, for: tenant, to: destination, limits: limits)
            }
        } catch let error where !(error is ExitCode) {
            throw Failure(error, tenant: name, asJSON: output.json)
        }
    }

    private func references() throws -> [ImageReference] {
        guard !key.isEmpty else {
            throw UsageError(description: "no key is named", remedy: "Name one: larkimg fetch --tenant NAME KEY")
        }
        let type = type.flatMap { ImageReference.ResourceType(rawValue: $0.rawValue) }
        guard let message else { return try key.map { try ImageReference($0, type: type) } }
        let messageID = try MessageID(message)
        return try key.map { .messageResource(messageID, key: try ResourceKey($0), type: type) }
    }

    private func fetch(
        _ references: [ImageReference], for tenant: TenantName, to destination: Destination, limits: DownloadLimits
    ) async throws {
        try await Wiring.withTokens(store) { provider, store, client in
            let summary = try await store.tenant(tenant)
            let downloader = ImageDownloader(
                client: client, host: summary.host, tenant: tenant, tokens: provider, limits: limits)
            var statuses: Set<Int32> = []
            for reference in references {
                do {
                    let outcome = try await downloader.download(
                        reference, to: destination, overwrite: target.overwrite)
                    try tell(outcome, of: tenant)
                } catch let failure as DownloadFailure {
                    let described = Failure(
                        failure.error, tenant: tenant, reference: reference, appID: summary.appID, asJSON: output.json)
                    try tell(described, reference, attempts: failure.attempts, of: tenant)
                    statuses.insert(ExitStatus.of(failure.error) ?? ExitStatus.mixed)
                }
            }
            guard let status = statuses.first else { return }
            throw ExitCode(statuses.count == 1 ? status : ExitStatus.mixed)
        }
    }

    private func tell(_ outcome: DownloadOutcome, of tenant: TenantName) throws {
        // An image on stdout is the result; a line about it would spoil it.
        guard let path = outcome.path else { return }
        try Terminal.write(
            output.json
                ? JSONLine.text(FetchReport(outcome, tenant: tenant)) : "\(DisplayText.visible(path, limit: 4096))\n")
    }

    private func tell(_ failure: Failure, _ reference: ImageReference, attempts: Int, of tenant: TenantName) throws {
        guard output.json, !target.isStandardOutput else { return Terminal.report(failure.text) }
        let report = FetchReport(failed: reference, tenant: tenant, attempts: attempts, error: failure.report)
        try Terminal.write(JSONLine.text(report))
    }
}
