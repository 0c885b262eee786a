package import Database
import LarkAPI
import PosixFiles
package import SystemPackage

/// Where the store and its key are.
public struct StoreLocation: Sendable, Hashable {
    /// The database file; empty for a store on a server.
    package let store: FilePath

    /// The database server; nil for a store in a file.
    package let server: PostgreSQLAddress?

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
        server = nil
    }

    /// Creates a location on a database server.
    package init(server: PostgreSQLAddress, key: FilePath) {
        store = ""
        self.server = server
        self.key = key
    }

    /// The path of the store, or the URL of its server without settings.
    package var name: String { server?.description ?? store.string }

    /// Finds the store and the key that the `larkimg` command uses.
    ///
    /// The store: the argument, else `LARKIMG_STORE`, else `$XDG_DATA_HOME/larkimg/store.sqlite`. A `postgres://` URL is a
    /// store on a server; its password is in the file that `LARKIMG_STORE_PASSWORD_FILE` or `PGPASSFILE` names, or in the
    /// systemd credential `larkimg-store-password`. The key: `LARKIMG_KEY_FILE`, else the systemd credential
    /// `larkimg-key`, else `$XDG_CONFIG_HOME/larkimg/key`.
    ///
    /// - Parameters:
    ///   - store: the path of the database file, or the URL of its server, if the user named one.
    ///   - environment: the environment of the process.
    /// - Throws: ``StoreError`` `unsafeLocation` when a default is needed and there is no home directory, and for a URL
    ///   that is not valid.
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
        /// The path of a credential that systemd passed, if it exists.
        func credential(_ name: String) -> String? {
            let path = value("CREDENTIALS_DIRECTORY").map { "\($0)/\(name)" }
            return path.flatMap { FileStatus.of(FilePath($0)) == nil ? nil : $0 }
        }
        let storePath =
            try store ?? value("LARKIMG_STORE")
            ?? "\(base("XDG_DATA_HOME", inHome: ".local/share", .chooseStore))/larkimg/store.sqlite"
        let keyPath =
            try value("LARKIMG_KEY_FILE") ?? credential("larkimg-key")
            ?? "\(base("XDG_CONFIG_HOME", inHome: ".config", .chooseKeyFile))/larkimg/key"
        guard storePath.hasPrefix("postgres://") || storePath.hasPrefix("postgresql://") else {
            self.init(store: storePath, key: keyPath)
            return
        }
        do {
            var server = try PostgreSQLAddress(storePath)
            server.passwordFile = (value("LARKIMG_STORE_PASSWORD_FILE") ?? credential("larkimg-store-password"))
                .map { FilePath($0) }
            self.init(server: server, key: FilePath(keyPath))
        } catch let error as DatabaseError {
            throw StoreError(
                .unsafeLocation, "the URL of the store is not valid: \(error.message)",
                remedy: "Write it as postgres://USER@HOST/DATABASE", underlying: error)
        }
    }

    /// The database that counts requests, beside the store.
    var quotaLedger: FilePath {
        FilePath(store.string + ".quota")
    }

    /// The directory of this machine's lock files, beside the store; for a store on a server beside the key.
    var locks: FilePath {
        FilePath((server == nil ? store : key).string + ".locks")
    }
}
