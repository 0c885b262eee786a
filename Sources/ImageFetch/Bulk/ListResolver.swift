import LarkAPI
import SystemPackage

/// Reads a source, drops repeated items, and finds the files that exist already.
actor ListResolver {
    /// What there is to do about an item.
    enum ResolvedItem {
        case download(FetchItem, host: LarkHost)
        case settled(BulkEvent)
    }

    private var reader: SourceReader
    private var seen: DiskBackedSet
    private var outputs: DiskBackedSet
    private let options: BulkOptions
    private let output: OutputDirectory
    private let host: @Sendable (TenantName) async throws -> LarkHost
    private var hosts: [TenantName: LarkHost] = [:]

    init(
        _ source: FetchSource, options: BulkOptions, output: OutputDirectory, seen: FileDescriptor,
        outputs: FileDescriptor,
        timing: Clocks, host: @escaping @Sendable (TenantName) async throws -> LarkHost
    ) {
        reader = SourceReader(source, timing: timing)
        self.seen = DiskBackedSet(seen)
        self.outputs = DiskBackedSet(outputs)
        self.options = options
        self.output = output
        self.host = host
    }

    /// What the next piece of the source brings.
    ///
    /// - Returns: nil at its end.
    /// - Throws: ``ImageFetchError``; `CancellationError`.
    func next() async throws -> [ResolvedItem]? {
        // The run asks for one piece at a time, so nothing else reads meanwhile.
        var reader = reader
        let entries = try await reader.next()
        self.reader = reader
        guard let entries else { return nil }
        var arrivals: [ResolvedItem] = []
        for entry in entries {
            switch entry {
            case .item(let item): arrivals.append(try await arrival(of: item))
            case .invalid(let line): arrivals.append(.settled(.invalid(line)))
            }
        }
        return arrivals
    }

    private func arrival(of item: FetchItem) async throws -> ResolvedItem {
        guard try isNew(item) else { return .settled(.repeated(item)) }
        do {
            let host = try await host(of: item.tenant)
            let name = try options.name(of: item)
            if item.output != nil, try !claims(name) {
                throw InvalidValue(word: "\(name)", kind: "output", rule: "a name that no earlier line uses")
            }
            let target = DownloadTarget.named(name, in: output, overwrite: options.overwrite)
            if let outcome = try await target.existing(item.reference) { return .settled(.done(item, outcome)) }
            return options.isDryRun ? .settled(.planned(item, name)) : .download(item, host: host)
        } catch let error as CancellationError {
            throw error
        } catch let error as ImageFetchError where error.kind == .writeFailed {
            throw error
        } catch {
            return .settled(.failed(item, DownloadFailure(error: error, attempts: 0)))
        }
    }

    private func isNew(_ item: FetchItem) throws -> Bool {
        try inSpool { try seen.insert(item) }
    }

    private func claims(_ name: OutputName) throws -> Bool {
        try inSpool { try outputs.insert(name) }
    }

    private func inSpool(_ body: () throws -> Bool) throws -> Bool {
        do {
            return try body()
        } catch let error as Errno {
            throw ImageFetchError.spooling(in: options.spoolDirectory, error)
        }
    }

    private func host(of tenant: TenantName) async throws -> LarkHost {
        if let known = hosts[tenant] { return known }
        let found = try await host(tenant)
        hosts[tenant] = found
        return found
    }
}
