public import LarkAPI

/// What can be done about a failed download.
@nonexhaustive
public enum DownloadAction: RemedyAction, Hashable {
    /// Write to another directory or file.
    case chooseOutput
    /// Write to a file of another name.
    case chooseFileName
    /// Allow more time for each download.
    case raiseTimeout
    /// Allow larger files.
    case raiseSizeLimit
    /// Provide a list.
    case provideList

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .chooseOutput: "Choose another directory or file for the output"
        case .chooseFileName: "Choose another file name"
        case .raiseTimeout: "Allow more time for each download"
        case .raiseSizeLimit: "Raise the size limit"
        case .provideList: "Provide a list"
        }
    }
}
