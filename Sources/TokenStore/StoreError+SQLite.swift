import GRDB
import SystemPackage

extension StoreError {
    /// Runs a body and gives SQLite's errors our words.
    ///
    /// - Throws: what the body throws, a `DatabaseError` as ``StoreError``.
    static func translating<Value>(_ store: FilePath, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error, store: store)
        }
    }

    /// As above, for a body that waits.
    static func translating<Value>(_ store: FilePath, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw StoreError(error, store: store)
        }
    }

    private init(_ error: DatabaseError, store: FilePath) {
        // The statement's arguments are not in a DatabaseError's description, and are not asked for here.
        let said = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_NOTADB:
            self.init(
                .foreignFile, "\(store) is not a store of larkimg",
                remedy: "Name the store with --store or LARKIMG_STORE; the file was left as it is", underlying: error
            )
        case .SQLITE_CORRUPT:
            self.init(
                .damaged, "\(store) is damaged: \(said)",
                remedy:
                    "Restore a backup (larkimg store backup makes them), or register the tenants anew in another store",
                underlying: error
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .busy, "\(store) is in use by other processes: \(said)",
                remedy: "Run this again", underlying: error
            )
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(
                .unsafePlace, "\(store) cannot be opened for writing: \(said)",
                remedy: "Check the permissions of the file and its folder", underlying: error
            )
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM:
            self.init(
                .inputOutput, "\(store) cannot be read or written: \(said)",
                remedy: "Check the disk: it may be full. What was stored before is unharmed", underlying: error
            )
        default:
            self.init(
                .damaged, "\(store) does not hold what it should: \(said)",
                remedy: "Run larkimg store check", underlying: error
            )
        }
    }
}
