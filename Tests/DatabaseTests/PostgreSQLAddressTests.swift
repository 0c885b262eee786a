import SystemPackage
import Testing

@testable import Database

@Suite("URLs of PostgreSQL databases")
struct PostgreSQLAddressTests {
    @Test(
        "A password is refused, and no error quotes it",
        arguments: [
            "postgres://u:hunter2@h/d", "postgres://u:hun/ter2@h/d", "postgres://u:hun?ter2@h/d",
            "postgres://u:hun#ter2@h/d", "postgres://u:@h:hunter2/d", "postgres://h/d?password=hunter2",
            "postgres://u:hunter2@/d?host=/run", "postgres://u:hunt@er2@h/d", "postgres://h/d?sslpassword=hunter2",
        ])
    func password(_ url: String) {
        let error = #expect(throws: DatabaseError.self) { try PostgreSQLAddress(url) }
        #expect(error?.code == .cannotOpen)
        #expect(error?.description.contains("ter2") == false)
    }

    @Test(
        "What libpq would misunderstand is refused",
        arguments: [
            "", "mysql://h/d", "postgres://", "postgres://h", "postgres://h/", "postgres:///d", "postgres://h:0/d",
            "postgres://h:65536/d", "postgres://h:x/d", "postgres://h,/d", "postgres://[::1/d", "postgres://[::1]x/d",
            "postgres://h/d?sslmode=on", "postgres://h/d?options=-c%20x", "postgres://h/d?connect_timeout=0",
            "postgres://h/d?target_session_attrs=standby", "postgres://h/d?sslmode=require&sslmode=disable",
            "postgres://h/%", "postgres://h/%zz", "postgres://h/%+1", "postgres://h/%ff", "postgres://h/%00",
            "postgres://h/d?host=/run", "postgres:///d?host=/a,/b&port=1,2,3",
        ])
    func invalid(_ url: String) {
        let error = #expect(throws: DatabaseError.self) { try PostgreSQLAddress(url) }
        #expect(error?.code == .cannotOpen)
    }

    @Test("Several hosts are tried in order, with TLS that checks the name, until one can be written to")
    func severalHosts() throws {
        let address = try PostgreSQLAddress("postgresql://lark%40img@db1:5433,db2,[2001:db8::1]:7/store")
        #expect(address.hosts.map(\.name) == ["db1", "db2", "2001:db8::1"])
        #expect(address.hosts.map(\.port) == [5433, 5432, 7])
        #expect(address.user == "lark@img")
        #expect(address.description == "postgres://lark@img@db1:5433,db2:5432,[2001:db8::1]:7/store")
        for url in ["postgres://u@/d?host=/a,/b&port=1,2", "postgres:///d?host=/run/postgresql"] {
            #expect(try PostgreSQLAddress(url).description == url)
        }
        let parameters = address.parameters(for: address.hosts[1], password: "hunter2")
        #expect(parameters["host"] == "db2")
        #expect(parameters["dbname"] == "store")
        #expect(parameters["sslmode"] == "verify-full")
        #expect(parameters["target_session_attrs"] == "read-write")
        #expect(parameters["password"] == "hunter2")
    }

    @Test(
        "On this machine TLS is not required",
        arguments: [
            "postgres:///d?host=/run/postgresql", "postgres://%2Frun%2Fpostgresql/d", "postgres://localhost/d",
            "postgres://127.0.0.1:6432/d", "postgres://u@[::1]/d",
        ])
    func local(_ url: String) throws {
        let address = try PostgreSQLAddress(url)
        let parameters = address.parameters(for: address.hosts[0], password: nil)
        #expect(parameters["sslmode"] == "prefer")
        #expect(parameters["target_session_attrs"] == "any")
        #expect(parameters["password"] == nil)
    }

    @Test("One remote host among local ones requires TLS, and what the URL says decides")
    func mixed() throws {
        let mixed = try PostgreSQLAddress("postgres://localhost,db/d")
        #expect(mixed.parameters(for: mixed.hosts[0], password: nil)["sslmode"] == "verify-full")
        let told = try PostgreSQLAddress(
            "postgres://db/d?sslmode=disable&connect_timeout=2&target_session_attrs=primary")
        let parameters = told.parameters(for: told.hosts[0], password: nil)
        #expect(parameters["sslmode"] == "disable")
        #expect(parameters["target_session_attrs"] == "primary")
        #expect(told.connectTimeout == .seconds(2))
    }

    #if !PostgreSQL
    @Test("A program built without PostgreSQL says what it needs")
    func withoutTrait() async throws {
        let address = try PostgreSQLAddress("postgres:///d?host=/run/postgresql")
        let error = await #expect(throws: DatabaseError.self) { _ = try await address.open() }
        #expect(error?.code == .cannotOpen)
        #expect(error?.message.contains("trait PostgreSQL") == true)
    }
    #endif
}
