public import LarkAPI
import SystemPackage

/// A download whose content is wrong, or that cannot be written, or a list that cannot be read.
public struct ImageFetchError: ReportableError {
    /// The kinds of failure. Outside this package, a `switch` needs `@unknown default`.
    @nonexhaustive
    public enum Kind: String, Sendable, CaseIterable {
        /// The response is not an image.
        case notAnImage = "not_an_image"
        /// The response is larger than allowed.
        case tooLarge = "too_large"
        /// The file cannot be created: no such directory, no permission, another kind of file exists.
        case cannotCreate = "cannot_create"
        /// Writing failed: disk full, file too large for the file system, input/output error.
        case writeFailed = "write_failed"
        /// A list cannot be read.
        case readFailed = "read_failed"
        /// A file that was given as a list is something else.
        case notAList = "not_a_list"
    }

    /// The kind of failure.
    public let kind: Kind
    /// What failed, on what.
    public let description: String
    /// What to do next.
    public let remedy: Remedy?
    /// The platform's log id of the request, if there was a response.
    public let logID: String?
    /// The underlying error, if any.
    public let underlying: (any Error)?

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var reportType: String { kind.rawValue }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var isRetryable: Bool { false }

    init(
        _ kind: Kind, _ description: String, remedy: Remedy, logID: String? = nil, underlying: (any Error)? = nil
    ) {
        self.kind = kind
        self.description = description
        self.remedy = remedy
        self.logID = logID
        self.underlying = underlying
    }
}

/// What can be done about a failed download or list.
@nonexhaustive
public enum DownloadAction: RemedyAction, Hashable {
    /// Write to another directory or file.
    case chooseOutput
    /// Write to a file of another name.
    case chooseFileName
    /// Write to another file, or replace what is there.
    case overwrite
    /// Write the report, the failures or the page to another file.
    case chooseReport(Report)
    /// Keep temporary files in another directory.
    case chooseTemporaryDirectory
    /// Allow more time for each download.
    case raiseTimeout
    /// Allow larger files.
    case raiseSizeLimit
    /// Send fewer requests in a second or minute.
    case lowerRate
    /// Provide a list.
    case provideList

    /// A file about a run.
    public enum Report: Sendable, Hashable {
        /// The downloads that failed.
        case failures
        /// A page with the images.
        case gallery
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .chooseOutput: "Choose another directory or file for the output"
        case .chooseFileName: "Choose another file name"
        case .overwrite: "Choose another file name, or allow overwriting; only files and links are replaced"
        case .chooseReport(.failures): "Choose another file for the list of failures"
        case .chooseReport(.gallery): "Choose another file for the page"
        case .chooseTemporaryDirectory: "Choose another directory for temporary files"
        case .raiseTimeout: "Allow more time for each download"
        case .raiseSizeLimit: "Raise the size limit"
        case .lowerRate: "Lower the rate of requests"
        case .provideList: "Provide a list"
        }
    }
}

extension ImageFetchError {
    /// A file or its name could not be written.
    static func writing(in path: FilePath, _ error: Errno) -> ImageFetchError {
        ImageFetchError(
            .writeFailed, "writing in \(path) failed: \(error.reason)",
            remedy: Remedy(
                "Free disk space, then run this again; no part of a file was left", DownloadAction.chooseOutput),
            underlying: error
        )
    }

    /// A file cannot be created.
    ///
    /// - Parameter action: how another file is chosen.
    static func creating(
        at path: FilePath, _ error: Errno, action: DownloadAction = .chooseOutput
    ) -> ImageFetchError {
        if [.noSpace, .diskQuotaExceeded, .ioError].contains(error) { return writing(in: path, error) }
        return ImageFetchError(
            .cannotCreate, "cannot create a file at \(path): \(error.reason)",
            remedy: Remedy("Fix the permissions of the directory, if they are wrong", action), underlying: error
        )
    }

    /// A name belongs to something that is not replaced.
    static func inTheWay(_ entry: ExistingEntry, action: DownloadAction = .overwrite) -> ImageFetchError {
        ImageFetchError(
            .cannotCreate, "\(entry.path) exists and is not a regular file", remedy: Remedy("", action))
    }

    /// A list cannot be kept on the disk.
    static func spooling(in directory: String, _ error: Errno) -> ImageFetchError {
        ImageFetchError(
            .writeFailed, "the list cannot be stored in \(directory): \(error.reason)",
            remedy: Remedy("Free disk space, then run this again", DownloadAction.chooseTemporaryDirectory),
            underlying: error)
    }

    /// A list cannot be read.
    static func reading(_ error: Errno) -> ImageFetchError {
        ImageFetchError(
            .readFailed, "the list cannot be read: \(error.reason)",
            remedy: Remedy("", DownloadAction.provideList), underlying: error)
    }

    /// A file is not a list.
    static func notAList(_ reason: String) -> ImageFetchError {
        ImageFetchError(
            .notAList, "this is not a list of downloads: \(reason)",
            remedy: Remedy("A list is UTF-8 text with a key or a JSON object on each line", DownloadAction.provideList))
    }
}

extension Errno {
    /// The text of the error, to follow a colon.
    var reason: String { description.lowercased() }
}
