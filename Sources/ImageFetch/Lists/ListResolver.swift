import LarkAPI

/// Reads a source, drops repeated downloads, and finds the files that exist already.
actor ListResolver {
    /// What there is to do about an entry.
    enum ResolvedItem: Sendable {
        case download(TenantQueue.ID, at: SourcePosition, TenantPlatform)
        case settled(BulkEvent)
    }

    /// An entry of which only files and tenants have to be looked up.
    private enum Candidate {
        case item(FetchItem, OutputName, at: SourcePosition)
        case settled(BulkEvent)
    }

    private var reader: SourceReader
    /// Fingerprints of the items and file names so far, eight bytes each. Hashes are seeded by the process, so that no
    /// list can force a collision; by chance, of a million two are equal in one of 37 million runs.
    private var items: Set<Int> = []
    private var names: Set<Int> = []
    /// What was read and not resolved yet, since a task that resolves it may be cancelled.
    private var unresolved: [Candidate] = []
    private let options: BulkOptions
    private let output: OutputDirectory
    private let platform: @Sendable (TenantName) async throws -> TenantPlatform
    private var platforms: [TenantName: TenantPlatform] = [:]

    init(
        _ reader: SourceReader, options: BulkOptions, output: OutputDirectory,
        platform: @escaping @Sendable (TenantName) async throws -> TenantPlatform
    ) {
        self.reader = reader
        self.options = options
        self.output = output
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

    /// Reads one download again.
    ///
    /// - Throws: ``ImageFetchError`` `readFailed`; `CancellationError`.
    func item(at position: SourcePosition) async throws -> FetchItem {
        try await output.run { [reader] in try reader.item(at: position) }
    }

    private func candidate(_ entry: SourceReader.Entry) -> Candidate {
        switch entry {
        case .invalid(let line):
            return .settled(.invalid(line))
        case .item(let item, let position):
            guard items.insert(item.hashValue).inserted else { return .settled(.repeated(item)) }
            do {
                let name = try options.name(of: item)
                guard item.output == nil || names.insert(name.hashValue).inserted else {
                    throw InvalidValue(word: "\(name)", kind: "output", rule: "a name that no earlier line uses")
                }
                return .item(item, name, at: position)
            } catch {
                return .settled(.failed(item, DownloadFailure(error: error, attempts: 0)))
            }
        }
    }

    private func resolve(_ candidates: [Candidate]) async throws -> [ResolvedItem] {
        let targets = candidates.map { candidate -> DownloadTarget.Lookup? in
            guard case .item(let item, let name, _) = candidate else { return nil }
            return DownloadTarget.named(name, in: output, overwrite: options.overwrite).lookup(for: item.reference)
        }
        let entries = try await output.firstExisting(targets)
        var resolved: [ResolvedItem] = []
        for (candidate, entry) in zip(candidates, entries) {
            switch candidate {
            case .settled(let event): resolved.append(.settled(event))
            case .item(let item, let name, let position):
                resolved.append(try await resolve(item, name, at: position, existing: entry))
            }
        }
        return resolved
    }

    private func resolve(
        _ item: FetchItem, _ name: OutputName, at position: SourcePosition,
        existing entry: Result<ExistingEntry?, ImageFetchError>
    ) async throws -> ResolvedItem {
        do {
            let platform = try await platform(of: item.tenant)
            let target = DownloadTarget.named(name, in: output, overwrite: options.overwrite)
            if let outcome = try target.outcome(of: item.reference, existing: entry.get()) {
                return .settled(.done(item, outcome))
            }
            return options.isDryRun
                ? .settled(.planned(item, name)) : .download(TenantQueue.ID(item), at: position, platform)
        } catch let error as CancellationError {
            throw error
        } catch {
            return .settled(.failed(item, DownloadFailure(error: error, attempts: 0)))
        }
    }

    private func platform(of tenant: TenantName) async throws -> TenantPlatform {
        if let known = platforms[tenant] { return known }
        let found = try await platform(tenant)
        platforms[tenant] = found
        return found
    }
}
