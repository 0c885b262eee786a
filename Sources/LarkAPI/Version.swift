/// The release this code belongs to.
public enum Version {
    /// As `larkimg --version` prints it and as requests carry it in `User-Agent`.
    public static let current = "0.1.0"
}
