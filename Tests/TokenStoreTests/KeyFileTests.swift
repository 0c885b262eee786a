import Glibc
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("The key file")
struct KeyFileTests {
    /// A key that cannot be used.
    struct BadKey: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: StoreError.Code
        let spoil: @Sendable (StoreFixture) throws -> Void
    }

    @Test(
        "A key that is missing, another store's, loose or no key is an error of its own, and nothing is written",
        .inFile,
        arguments: [
            BadKey(testDescription: "missing", code: .keyMissing) { unlink($0.location.key.string) },
            BadKey(testDescription: "another key", code: .wrongKey) {
                try $0.folder.write([UInt8](repeating: 1, count: 32), to: "key")
            },
            BadKey(testDescription: "31 bytes", code: .keyUnusable) {
                try $0.folder.write([UInt8](repeating: 1, count: 31), to: "key")
            },
            BadKey(testDescription: "33 bytes", code: .keyUnusable) {
                try $0.folder.write([UInt8](repeating: 1, count: 33), to: "key")
            },
            BadKey(testDescription: "empty", code: .keyUnusable) { try $0.folder.write([], to: "key") },
            BadKey(testDescription: "readable by the group", code: .keyUnusable) {
                chmod($0.location.key.string, 0o640)
            },
            BadKey(testDescription: "readable by all", code: .keyUnusable) { chmod($0.location.key.string, 0o604) },
            BadKey(testDescription: "writable by all", code: .keyUnusable) { chmod($0.location.key.string, 0o602) },
            BadKey(testDescription: "a FIFO", code: .keyUnusable) {
                unlink($0.location.key.string)
                mkfifo($0.location.key.string, 0o600)
            },
            BadKey(testDescription: "a folder", code: .keyUnusable) {
                unlink($0.location.key.string)
                mkdir($0.location.key.string, 0o700)
            },
        ])
    func badKeys(_ key: BadKey) async throws {
        try await withStore { fixture, _, _ in
            try key.spoil(fixture)
            let before = try fixture.folder.read("store.sqlite")
            for mode in [Store.OpenMode.existing, .createIfMissing] {
                let error = await #expect(throws: StoreError.self) { try await fixture.open(mode) }
                #expect(error?.code == key.code, "\(String(describing: error))")
                #expect(error?.remedy?.description.isEmpty == false)
            }
            #expect(try fixture.folder.read("store.sqlite") == before)
        }
    }

    @Test("A loose key is refused with the chmod to run")
    func looseKeyRemedy() async throws {
        try await withStore { fixture, _, _ in
            chmod(fixture.location.key.string, 0o644)
            let error = await #expect(throws: StoreError.self) { try await fixture.open(.existing) }
            #expect(error?.remedy?.description == "chmod 600 '\(fixture.location.key)'")
        }
    }

    /// Which variables are set, and where the key is then.
    struct Search: Sendable, CustomTestStringConvertible {
        let environment: [String: String]
        let store: String
        let key: String
        var testDescription: String { environment.keys.sorted().joined(separator: " ") }
    }

    @Test(
        "Store and key are found by option, variable and default",
        arguments: [
            Search(
                environment: ["HOME": "/h"], store: "/h/.local/share/larkimg/store.sqlite",
                key: "/h/.config/larkimg/key"),
            Search(
                environment: ["HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c"],
                store: "/d/larkimg/store.sqlite", key: "/c/larkimg/key"),
            Search(
                environment: ["HOME": "/h", "XDG_DATA_HOME": "relative", "XDG_CONFIG_HOME": ""],
                store: "/h/.local/share/larkimg/store.sqlite", key: "/h/.config/larkimg/key"),
            Search(environment: ["LARKIMG_STORE": "/s", "LARKIMG_KEY_FILE": "/k"], store: "/s", key: "/k"),
        ])
    func search(_ search: Search) throws {
        let location = try StoreLocation(store: nil, environment: search.environment)
        #expect(location == StoreLocation(store: search.store, key: search.key))
    }

    @Test("A credential from systemd is used where it is there")
    func systemdCredential() async throws {
        try await withTemporaryFolder { folder in
            let environment = ["HOME": "/h", "CREDENTIALS_DIRECTORY": folder.path.string]
            #expect(try StoreLocation(store: nil, environment: environment).key == "/h/.config/larkimg/key")
            try folder.write([UInt8](repeating: 3, count: 32), to: "larkimg-key")
            #expect(try StoreLocation(store: nil, environment: environment).key == folder.appending("larkimg-key"))
        }
    }

    @Test("With no home at all, the error says what to set")
    func homeless() {
        let error = #expect(throws: StoreError.self) { try StoreLocation(store: nil, environment: [:]) }
        #expect(error?.remedy?.action as? StoreAction == .chooseStore)
    }
}
