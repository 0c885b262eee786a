import Database
import LarkAPI
import SystemPackage

extension StoreError {
    /// Runs a body and translates the database's errors.
    ///
    /// - Throws: what the body throws, a `DatabaseError` or a stored name that is not valid as ``StoreError``.
    static func translating<Value>(_ store: FilePath, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw StoreError(error, store: store)
        } catch let error as InvalidValue {
            // Names are validated before they are stored, so an invalid one is damage.
            throw StoreError(damaged: store, "\(error)", underlying: error)
        }
    }

    private init(damaged store: FilePath, _ message: String, underlying: any Error) {
        self.init(
            .damaged, "\(store) is damaged: \(message)",
            remedy:
                "Restore a backup, or register the tenants again in another store",
            underlying: underlying
        )
    }

    private init(_ error: DatabaseError, store: FilePath) {
        let said = error.message
        switch error.code {
        case .notADatabase:
            self.init(
                .foreignFile, "\(store) is not a store of larkimg",
                remedy: "Give another file with --store or LARKIMG_STORE; this one was not changed", underlying: error
            )
        case .corrupt, .invalidColumn:
            self.init(damaged: store, said, underlying: error)
        case .busy:
            self.init(
                .busy, "\(store) is in use by other processes: \(said)",
                remedy: "Run this again", underlying: error
            )
        case .readOnly, .cannotOpen:
            self.init(
                .unsafePlace, "\(store) cannot be opened for writing: \(said)",
                remedy: "Check the permissions of the file and its directory", underlying: error
            )
        case .full, .ioError, .outOfMemory:
            self.init(
                .inputOutput, "\(store) cannot be read or written: \(said)",
                remedy: "Check the disk: it may be full. Nothing stored before is lost", underlying: error
            )
        case .constraint, .interrupted, .invalidStatement, .other:
            self.init(
                .damaged, "\(store) has unexpected contents: \(said)",
                remedy: "Run larkimg store check", underlying: error
            )
        }
    }
}
