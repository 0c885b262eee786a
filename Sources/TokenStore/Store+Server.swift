import Database
import LarkAPI

extension Store {
    #if PostgreSQL
    /// Opens a store on a database server.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    static func open(
        on server: PostgreSQLAddress, _ location: StoreLocation, mode: OpenMode, timing: Clocks,
        secrets: SecretResolver
    ) async throws -> Store {
        try await StoreError.translating(location.name) {
            let database = try await server.open()
            let finding = try await database.read { try SchemaUpgrade.server.inspect($0, path: location.name) }
            if finding == .empty {
                guard mode == .createIfMissing else { throw missing(location) }
                _ = try KeyFile.readOrCreate(location.key)
            }
            try await SchemaUpgrade.server.upgrade(database, path: location.name) { connection, version in
                _ = try StoreKey.established(in: connection, from: version, location: location)
            }
            let key = try await database.read { try StoreKey.stored(in: $0, location: location) }
            guard let key else { throw DatabaseError(.corrupt, "the row of key_check is missing") }
            return Store(
                location: location, timing: timing, secrets: secrets, database: database, key: key, identity: nil)
        }
    }
    #else
    /// Refuses a store on a database server.
    ///
    /// - Throws: ``StoreError`` `serverUnavailable`.
    static func open(
        on server: PostgreSQLAddress, _ location: StoreLocation, mode: OpenMode, timing: Clocks,
        secrets: SecretResolver
    ) async throws -> Store {
        throw unsupported(location)
    }

    static func unsupported(_ location: StoreLocation) -> StoreError {
        StoreError(
            .serverUnavailable, "this program was built without PostgreSQL, so it cannot use \(location.name)",
            remedy: Remedy("", StoreAction.buildWithPostgreSQL))
    }
    #endif
}
