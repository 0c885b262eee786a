import LarkAPI

/// How many downloads are done together.
public struct BulkOptions: Sendable {
    /// The most requests in flight, clamped to 1 to 256.
    public var jobs = 32
    /// Replaces files that exist.
    public var overwrite = false
    /// Only finds out what there is to do; sends nothing.
    public var isDryRun = false
    /// The directory that files go to, and below it the names of lists and of ``template``; empty for the current one.
    public var directory = ""
    /// The names of files that the list does not name.
    public var template = NameTemplate.byKey
    /// Limits for each download. The time is for all its attempts together; waits between them do not count.
    public var limits = DownloadLimits()
    /// Where lists too long for memory are kept, in files without names.
    public var spoolDirectory = "/tmp"

    /// 32 at a time into the current directory.
    public init() {}

    /// Where a download goes.
    ///
    /// - Throws: `InvalidValue` when the name gets too long.
    func name(of item: FetchItem) throws -> OutputName {
        try item.output ?? template.name(for: item.reference, of: item.tenant)
    }
}
