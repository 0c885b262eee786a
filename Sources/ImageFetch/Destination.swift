/// Where a download goes.
public enum Destination: Sendable, Hashable {
    /// Into a folder that is there, empty for the current one, as `<key>.<extension by content>`.
    case folder(String)
    /// Into this file; its folder must be there.
    case file(String)
    /// To an open file descriptor, such as 1 for stdout: all of a checked file, or nothing. Until it is checked it lies
    /// in the spool folder, without a name and for this user only.
    case descriptor(Int32, spoolFolder: String = "/tmp")
}
