import CVersion
import LarkAPI
import TokenStore

/// What `--version` prints.
enum VersionText {
    /// The version alone on the first line, for scripts. Reports of bugs need the others.
    static var text: String {
        """
        \(Version.current)
        commit \(String(cString: cversion_commit()))
        SQLite \(Store.sqliteVersion)
        """
    }
}
