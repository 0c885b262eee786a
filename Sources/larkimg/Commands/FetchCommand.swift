import ArgumentParser
import Glibc
import ImageFetch
import LarkAPI

/// Downloads images.
struct FetchCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Download images, and images and files from messages.",
        discussion: """
            An image that the app uploaded is given by its image_key; what a user sent, by MESSAGE_ID/KEY. Each file is \
            named <key>.<extension by content>; its path is printed when it is complete. A file that already exists \
            and is not empty counts as done, so run the same command again to fetch what is missing. -o FILE replaces \
            the file unless --no-clobber is given.

            EXAMPLE
              larkimg fetch --tenant acme img_v3_02ab_…
              larkimg fetch --tenant acme -d images om_…/img_v3_02cd_… --json
              larkimg fetch --tenant acme -o - img_v3_02ab_… | file -
              larkimg fetch -d images -i events.ndjson \\
                --name-template '{date}/{chat}-{key}.{ext}'
              larkimg fetch --tenant acme -d images -i keys.txt \\
                --errors-to failed.txt --gallery index.html

            LISTS
              A line is a key, MESSAGE_ID/KEY, tenant<TAB>key[<TAB>output], or a
              JSON object with image_key and optionally tenant, message_id, type and
              output. Blank lines and # comments are ignored. Invalid lines are
              reported by number and skipped; the exit status is then 1. A file with
              more invalid than valid lines is refused after 100 of them.

            MESSAGES
              A list may hold messages as bots receive and tools save them, a message
              a line or one JSON document: events, answers of the list and get APIs,
              messages of lark-cli. If a message does not own an image that is seen
              in it, larkimg finds the message that does. See larkimg keys.

            All processes share each app's rate limit: see tenant update --quota. --reserve leaves calls of the app's \
            month quota to other programs. Ctrl-C finishes the downloads in flight; a second Ctrl-C aborts.
            """
    )

    @Argument(help: "An image_key, or MESSAGE_ID/KEY.")
    var key: [String] = []

    @OptionGroup var tenant: TenantOption

    @Option(help: ArgumentHelp("The message that the keys belong to.", valueName: "message-id"))
    var message: String?

    @Option(
        help: """
            What to take from messages, and the type of keys that are given without one. (default: image, and file for \
            keys that begin with file_)
            """)
    var type: WantedType?

    @OptionGroup var target: FetchTarget
    @OptionGroup var limits: DownloadLimitOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var source: SourceOptions

    @Flag(help: .json)
    var json = false

    var subject: TenantName? { tenant.subject }

    func run() async throws {
        // A list may name tenants in its lines.
        let name = list.input == nil ? try tenant.name() : try tenant.nameIfAny()
        do {
            if let file = target.output {
                try await fetchOne(to: file, of: name)
            } else {
                try await fetchMany(of: name)
            }
        } catch let error as OutputError where error.isClosedPipe {
            throw Self.closedOutput
        }
    }

    /// Unlike a result that is only printed, downloads that are missing are worth a line.
    private static let closedOutput = CommandError(
        description: "the reader of stdout has closed it, so the run stopped",
        remedy: "Run the same command again to download the rest", status: EX_IOERR)

    private func format(_ tenant: TenantName?) throws -> FetchListFormat {
        FetchListFormat(
            tenant: tenant, message: try message.map { try MessageID($0) },
            type: type.flatMap { ImageReference.ResourceType(rawValue: $0.rawValue) })
    }

    /// The format of a list, which may hold messages.
    private func listFormat(_ tenant: TenantName?) async throws -> FetchListFormat {
        let plain = try format(tenant)
        // A client of a service may not be able to read a store of this machine.
        let store = try source.service() == nil ? await source.store.openIfAny() : nil
        var format = try await KnownApps(store).format(tenant: tenant)
        format.message = plain.message
        format.type = plain.type
        format.wanted = (type ?? .image).resourceTypes
        format.requestsMessages = !list.noResolve
        return format
    }

    private func items(of tenant: TenantName) throws -> [FetchItem] {
        guard !key.isEmpty else {
            throw CommandError(
                description: "no key is given",
                remedy: "Give one: larkimg fetch --tenant NAME KEY, or a list with -i FILE")
        }
        guard !key.contains("-") else {
            throw CommandError(description: "'-' is not a key", remedy: "To read a list from stdin, use -i -")
        }
        let format = try format(tenant)
        return try key.map { try FetchItem(tenant: tenant, reference: format.reference($0)) }
    }

    private func fetchOne(to file: String, of tenant: TenantName?) async throws {
        guard list.input == nil, let tenant, key.count == 1, target.outputDir == nil else {
            throw CommandError(
                description: "-o takes exactly one image, and does not go with -d or -i",
                remedy: "Use -d DIRECTORY instead; files are named by their keys")
        }
        guard !list.isForMany, !reports.isForMany else {
            throw CommandError(
                description: "-o does not go with options for several images",
                remedy: "Leave out -o; -d DIRECTORY names a directory")
        }
        let item = try items(of: tenant)[0]
        let destination = try target.destination(file)
        let monthReserve = try self.limits.monthReserve()
        let limits = try limits.limits()
        let overwrite = try target.replacesFiles()
        try await SignalHandling.cancelOnSignal {
            try await SingleFetch(
                item: item, destination: destination, overwrite: overwrite, limits: limits,
                asJSON: json, isStandardOutput: target.isStandardOutput, monthReserve: monthReserve
            )
            .run(self.source)
        }
    }

    /// The digest is computed only if it is printed, which is in JSON.
    private func digestedLimits() throws -> DownloadLimits {
        var limits = try limits.limits()
        limits.takesDigest = json || reports.report != nil
        return limits
    }

    private func fetchMany(of tenant: TenantName?) async throws {
        let source: BulkFetch.Source
        if let input = list.input {
            guard key.isEmpty else {
                throw CommandError(
                    description: "keys and a list are given",
                    remedy: "Add the keys to the list, or run larkimg twice")
            }
            source = .list(input, try await listFormat(tenant))
        } else {
            source = .items(try tenant.map { try items(of: $0) } ?? [])
        }
        var options = try list.options(target, limits: digestedLimits())
        options.reportsUnstarted = reports.errorsTo != nil
        let fetch = BulkFetch(
            source: source, tenant: tenant, options: options, list: list, reports: reports,
            monthReserve: try limits.monthReserve(), asJSON: json)
        try await SignalHandling.stopOnSignal { stops in try await fetch.run(self.source, stops: stops) }
    }
}
