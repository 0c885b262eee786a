import LarkAPI

/// Reads a source, drops repeated items, and finds the files that exist already.
actor ListResolver {
    /// What there is to do about an entry.
    enum ResolvedItem: Sendable {
        case start(TenantQueue.ID, at: SourcePosition, TenantPlatform, ContentID?)
        case settled(BulkEvent)
    }

    /// An entry of which only files and tenants have to be looked up.
    private enum Candidate {
        case download(FetchItem, OutputName, at: SourcePosition)
        case lookup(MessageLookup, at: SourcePosition)
        case settled(BulkEvent)
    }

    private var reader: SourceReader
    /// What look-ups found, in order of discovery.
    private var found: [FetchItem] = []
    /// Fingerprints of the items and file names so far, eight bytes each. Hashes are seeded by the process, so that no
    /// list can force a collision; by chance, of a million two are equal in one of 37 million runs.
    private var items: Set<Int> = []
    private var names: Set<Int> = []
    /// What was read and not resolved yet, since a task that resolves it may be cancelled.
    private var unresolved: [Candidate] = []
    private let options: BulkOptions
    private let output: OutputDirectory
    private let known: KnownResources
    private let platform: @Sendable (TenantName) async throws -> TenantPlatform
    private var platforms: [TenantName: TenantPlatform] = [:]
    /// What earlier runs found to be gone. What is named on its own is requested nevertheless.
    private var gone: [TenantName: [ImageReference: GoneResource]] = [:]

    init(
        _ reader: SourceReader, options: BulkOptions, output: OutputDirectory, known: KnownResources,
        platform: @escaping @Sendable (TenantName) async throws -> TenantPlatform
    ) {
        self.reader = reader
        self.options = options
        self.output = output
        self.known = known
        self.platform = platform
    }

    /// What the next piece of the source brings.
    ///
    /// - Parameter patience: how long to wait for a pipe on which nothing comes; nil for as long as it is open.
    /// - Returns: nil at the end, or when the time is over.
    /// - Throws: ``ImageFetchError``; `CancellationError`, after which nothing is lost.
    func next(patience: Duration? = nil) async throws -> [ResolvedItem]? {
        if unresolved.isEmpty {
            // The run asks for one piece at a time, so nothing else reads meanwhile.
            var reader = reader
            let entries = try await reader.next(patience: patience)
            self.reader = reader
            guard let entries else { return nil }
            unresolved = entries.map(candidate)
        }
        let resolved = try await resolve(unresolved)
        unresolved = []
        return resolved
    }

    /// Whether the source was read to its end.
    var isComplete: Bool { reader.isComplete && unresolved.isEmpty }

    /// What is to be done about the parts of a message that was requested.
    ///
    /// - Throws: `CancellationError`.
    func resolve(_ items: [FetchItem]) async throws -> [ResolvedItem] {
        let start = found.count
        found += items
        return try await resolve(
            items.indices.map { candidate(.download(items[$0]), at: SourcePosition(found: start + $0)) })
    }

    /// Reads one item again.
    ///
    /// - Throws: ``ImageFetchError`` `readFailed`; `CancellationError`.
    func item(at position: SourcePosition) async throws -> BulkItem {
        if let number = position.found { return .download(found[number]) }
        return try await output.run { [reader] in try reader.item(at: position) }
    }

    private func candidate(_ entry: SourceReader.Entry) -> Candidate {
        switch entry {
        case .invalid(let line): .settled(.invalid(line))
        case .unavailable(let resource): .settled(.unavailable(resource))
        case .item(let item, let position): candidate(item, at: position)
        }
    }

    private func candidate(_ item: BulkItem, at position: SourcePosition) -> Candidate {
        guard items.insert(item.hashValue).inserted else { return .settled(item.repeated) }
        switch item {
        case .lookup(let lookup):
            return .lookup(lookup, at: position)
        case .download(let download):
            do {
                let name = try options.name(of: download)
                guard download.output == nil || names.insert(name.hashValue).inserted else {
                    throw InvalidValue(word: "\(name)", kind: "output", rule: "a name that no earlier line uses")
                }
                return .download(download, name, at: position)
            } catch {
                return .settled(item.failed(error, attempts: 0))
            }
        }
    }

    private func resolve(_ candidates: [Candidate]) async throws -> [ResolvedItem] {
        let targets = candidates.map { candidate -> DownloadTarget.Lookup? in
            guard case .download(let item, let name, _) = candidate else { return nil }
            return DownloadTarget.named(name, in: output, overwrite: options.overwrite).lookup(for: item.reference)
        }
        let entries = try await output.firstExisting(targets)
        var resolved: [ResolvedItem] = []
        for (candidate, entry) in zip(candidates, entries) {
            switch candidate {
            case .settled(let event): resolved.append(.settled(event))
            case .lookup(let lookup, let position):
                resolved.append(
                    try await resolve(.lookup(lookup), at: position) { options.isDryRun ? .lookupPlanned(lookup) : nil }
                )
            case .download(let item, let name, let position):
                resolved.append(
                    try await resolve(.download(item), at: position) {
                        let target = DownloadTarget.named(name, in: output, overwrite: options.overwrite)
                        if let outcome = try target.outcome(of: item.reference, existing: entry.get()) {
                            return .done(item, outcome)
                        }
                        if let gone = gone[item.tenant]?[item.reference] { return .gone(item, gone) }
                        return options.isDryRun ? .planned(item, name) : nil
                    })
            }
        }
        return resolved
    }

    /// - Parameter settle: returns what makes a request unnecessary, if anything does.
    private func resolve(
        _ item: BulkItem, at position: SourcePosition, settle: () throws -> BulkEvent?
    ) async throws -> ResolvedItem {
        do {
            let platform = try await platform(of: item.tenant)
            if let event = try settle() { return .settled(event) }
            let content: ContentID? = if case .download(let download) = item { ContentID(download) } else { nil }
            return .start(TenantQueue.ID(item), at: position, platform, content)
        } catch let error as CancellationError {
            throw error
        } catch {
            return .settled(item.failed(error, attempts: 0))
        }
    }

    private func platform(of tenant: TenantName) async throws -> TenantPlatform {
        if let known = platforms[tenant] { return known }
        let found = try await platform(tenant)
        platforms[tenant] = found
        if !options.retriesGone, reader.isList { gone[tenant] = await known.knowledge(of: tenant).gone }
        return found
    }
}
