import LarkAPI
import PosixFiles
package import SystemPackage

/// Where the store and its key are.
public struct StoreLocation: Sendable, Hashable {
    /// The database file.
    package let store: FilePath

    /// The file with the key that seals it.
    package let key: FilePath

    /// Takes two paths as they are.
    ///
    /// - Parameters:
    ///   - store: the database file.
    ///   - key: the file of 32 bytes that seals it.
    public init(store: String, key: String) {
        self.store = FilePath(store)
        self.key = FilePath(key)
    }

    /// Finds both by the rules of the house.
    ///
    /// The store: the argument, else `LARKIMG_STORE`, else `$XDG_DATA_HOME/larkimg/store.sqlite`. The key:
    /// `LARKIMG_KEY_FILE`, else the systemd credential `larkimg-key`, else `$XDG_CONFIG_HOME/larkimg/key`.
    ///
    /// - Parameters:
    ///   - store: what the user said, if anything.
    ///   - environment: the process's.
    /// - Throws: ``StoreError`` `unsafePlace` when nothing says where home is.
    public init(store: String?, environment: [String: String]) throws {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func base(_ variable: String, inHome folder: String) throws -> String {
            // The XDG specification has relative paths ignored.
            if let path = value(variable), path.hasPrefix("/") { return path }
            guard let home = value("HOME"), home.hasPrefix("/") else {
                throw StoreError(
                    .unsafePlace,
                    "there is no place for the store: neither HOME nor \(variable) is set",
                    remedy: "Name the places: --store FILE and LARKIMG_KEY_FILE"
                )
            }
            return "\(home)/\(folder)"
        }
        let storePath =
            try store ?? value("LARKIMG_STORE")
            ?? "\(base("XDG_DATA_HOME", inHome: ".local/share"))/larkimg/store.sqlite"
        let keyPath =
            try value("LARKIMG_KEY_FILE") ?? Self.systemdCredential(in: value("CREDENTIALS_DIRECTORY"))
            ?? "\(base("XDG_CONFIG_HOME", inHome: ".config"))/larkimg/key"
        self.init(store: storePath, key: keyPath)
    }

    /// `larkimg-key` among the credentials systemd passed, where it is there.
    private static func systemdCredential(in folder: String?) -> String? {
        guard let folder else { return nil }
        let path = "\(folder)/larkimg-key"
        return FileStatus.of(FilePath(path)) == nil ? nil : path
    }

    /// The file that counts requests, beside the store.
    var quotaLedger: FilePath {
        FilePath(store.string + ".quota")
    }

    /// The folder of the tenants' lock files, beside the store.
    var locks: FilePath {
        FilePath(store.string + ".locks")
    }
}
