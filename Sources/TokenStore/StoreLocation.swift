import LarkAPI
import PosixFiles
package import SystemPackage

/// The paths of the store and its key.
public struct StoreLocation: Sendable, Hashable {
    /// The database file.
    package let store: FilePath

    /// The file with the key that seals it.
    package let key: FilePath

    /// Creates a location.
    ///
    /// - Parameters:
    ///   - store: the path of the database file.
    ///   - key: the path of the file with the 32 bytes that seal it.
    public init(store: String, key: String) {
        self.store = FilePath(store)
        self.key = FilePath(key)
    }

    /// Finds the store and the key that the `larkimg` command uses.
    ///
    /// The store: the argument, else `LARKIMG_STORE`, else `$XDG_DATA_HOME/larkimg/store.sqlite`. The key:
    /// `LARKIMG_KEY_FILE`, else the systemd credential `larkimg-key`, else `$XDG_CONFIG_HOME/larkimg/key`.
    ///
    /// - Parameters:
    ///   - store: the path of the database file, if the user named one.
    ///   - environment: the environment of the process.
    /// - Throws: ``StoreError`` `unsafeLocation` when a default is needed and there is no home directory.
    public init(store: String?, environment: [String: String]) throws {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func base(_ variable: String, inHome directory: String, _ action: StoreAction) throws -> String {
            // XDG Base Directory Specification: relative paths are ignored.
            if let path = value(variable), path.hasPrefix("/") { return path }
            guard let home = value("HOME"), home.hasPrefix("/") else {
                throw StoreError(
                    .unsafeLocation, "there is no default location: neither HOME nor \(variable) is set",
                    remedy: Remedy("", action))
            }
            return "\(home)/\(directory)"
        }
        let storePath =
            try store ?? value("LARKIMG_STORE")
            ?? "\(base("XDG_DATA_HOME", inHome: ".local/share", .chooseStore))/larkimg/store.sqlite"
        let keyPath =
            try value("LARKIMG_KEY_FILE") ?? Self.systemdCredential(in: value("CREDENTIALS_DIRECTORY"))
            ?? "\(base("XDG_CONFIG_HOME", inHome: ".config", .chooseKeyFile))/larkimg/key"
        self.init(store: storePath, key: keyPath)
    }

    /// The path of `larkimg-key` among the credentials that systemd passed, if it exists.
    private static func systemdCredential(in directory: String?) -> String? {
        guard let directory else { return nil }
        let path = "\(directory)/larkimg-key"
        return FileStatus.of(FilePath(path)) == nil ? nil : path
    }

    /// The database that counts requests, beside the store.
    var quotaLedger: FilePath {
        FilePath(store.string + ".quota")
    }

    /// The directory of the lock files, beside the store.
    var locks: FilePath {
        FilePath(store.string + ".locks")
    }
}
