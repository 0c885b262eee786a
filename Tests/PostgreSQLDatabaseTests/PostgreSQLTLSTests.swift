#if PostgreSQL
import Database
import TestSupport
import Testing

@Suite("PostgreSQL over TCP and TLS", .timeLimit(.minutes(5)))
struct PostgreSQLTLSTests {
    @Test("A certificate must be trusted and name the host; statements are cancelled over TCP too")
    func verification() async throws {
        let port = try FreePort.find()
        let server = try await PostgreSQLServer(tlsPort: port)
        let trusted = "sslmode=verify-full&sslrootcert=\(server.directory)/ca.pem"
        for (url, reason) in [
            ("postgres://larkimg@127.0.0.1:\(port)/postgres?\(trusted)", "does not match host name"),
            (
                "postgres://larkimg@localhost:\(port)/postgres?sslmode=verify-full&sslrootcert=/nonexistent",
                "root certificate"
            ),
            ("postgres://larkimg@localhost:\(port)/postgres?sslmode=disable", "no encryption"),
        ] {
            let error = await #expect(throws: DatabaseError.self) { _ = try await PostgreSQLAddress(url).open() }
            #expect(error?.code == .cannotOpen)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        let database = try await PostgreSQLAddress("postgres://larkimg@localhost:\(port)/postgres?\(trusted)").open()
        let encrypted: Bool? = try await database.read { connection in
            try connection.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        }
        #expect(encrypted == true)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let endless = Task {
            try await database.read { connection in
                begin.finish()
                return try connection.value(counting(to: .max)) as Int?
            }
        }
        for await _ in begun {}
        endless.cancel()
        await #expect(throws: CancellationError.self) { try await endless.value }
        await database.close()
    }
}
#endif
