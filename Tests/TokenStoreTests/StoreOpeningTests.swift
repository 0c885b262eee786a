import Database
import FoundationEssentials
import Glibc
import LarkAPI
import PosixFiles
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("What is no store of ours is refused by name and left as it is")
struct StoreOpeningTests {
    /// A file at the store's place, and what it is called.
    struct Foreign: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: StoreError.Code
        let make: @Sendable (StoreFixture) async throws -> Void
    }

    static let foreign = [
        Foreign(testDescription: "a text", code: .foreignFile) {
            try $0.folder.write(Array(String(repeating: "hello ", count: 500).utf8), to: "store.sqlite")
        },
        Foreign(testDescription: "a picture", code: .foreignFile) {
            try $0.folder.write([0x89, 0x50, 0x4E, 0x47] + [UInt8](repeating: 7, count: 5000), to: "store.sqlite")
        },
        Foreign(testDescription: "another program's database", code: .foreignFile) {
            try $0.folder.write([], to: "store.sqlite")
            try await $0.raw().write { try $0.executeScript("CREATE TABLE notes (text)") }
            unlink($0.location.store.string + "-journal")
        },
        Foreign(testDescription: "another program's database with an application_id", code: .foreignFile) {
            try $0.folder.write([], to: "store.sqlite")
            try await $0.raw()
                .write { try $0.executeScript("PRAGMA application_id = 252006673; CREATE TABLE a (b)") }
        },
        Foreign(testDescription: "a store of a newer release", code: .newerRelease) {
            _ = try await $0.open()
            try await $0.raw().write { try $0.executeScript("PRAGMA user_version = 99") }
        },
        Foreign(testDescription: "a store cut to one page", code: .damaged) {
            _ = try await $0.open()
            guard truncate($0.location.store.string, 4096) == 0 else { throw Errno(rawValue: errno) }
        },
    ]

    @Test("A foreign, newer or damaged file", arguments: foreign)
    func foreignFiles(_ foreign: Foreign) async throws {
        try await withTemporaryFolder { folder in
            let fixture = StoreFixture(folder)
            _ = try KeyFile.readOrCreate(fixture.location.key)
            try await foreign.make(fixture)
            let before = try folder.read("store.sqlite")
            let names = try folder.names()
            for mode in [Store.OpenMode.existing, .createIfMissing] {
                let error = await #expect(throws: StoreError.self) {
                    try await fixture.open(mode).tenants()
                }
                #expect(error?.code == foreign.code, "\(String(describing: error))")
                #expect(error?.description.contains(fixture.location.store.string) == true)
            }
            #expect(try folder.read("store.sqlite") == before)
            #expect(try folder.names() == names)
        }
    }

    @Test("A store cut at any length is a named error", .inFile)
    func cutStores() async throws {
        try await withStore { fixture, store, acme in
            _ = try await fixture.provider(store).token(for: acme, goodFor: .zero)
            let sound = try fixture.folder.read("store.sqlite")
            for length in stride(from: 1, to: sound.count, by: sound.count / (40 * TestLength.factor)) {
                try fixture.folder.write(Array(sound[..<length]), to: "store.sqlite")
                await #expect(throws: StoreError.self) {
                    try await fixture.open(.existing).credentials(of: acme)
                }
            }
        }
    }

    @Test("Without a store, nothing is made, and the error says how to make one")
    func missingStore() async throws {
        try await withTemporaryFolder { folder in
            let error = await #expect(throws: StoreError.self) { try await StoreFixture(folder).open(.existing) }
            #expect(error?.code == .unknownTenant)
            #expect(error?.remedy?.action as? StoreAction == .registerTenant(nil))
            let names = try folder.names()
            #expect(names == [])
        }
    }

    @Test("Fifty first runs at once make one key, one schema, and lose no secret")
    func firstRuns() async throws {
        try await withTemporaryFolder { folder in
            let fixture = StoreFixture(folder)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...50 {
                    group.addTask {
                        let store = try await fixture.open()
                        try await store.addTenant(
                            TenantName("t\(number)"), app: StoreFixture.app(secret: "secret-\(number)"))
                    }
                }
                try await group.waitForAll()
            }
            let store = try await fixture.open(.existing)
            for number in 1...50 {
                let app = try await store.credentials(of: TenantName("t\(number)"))
                #expect(app.appSecret == Secret("secret-\(number)"))
            }
            #expect(try folder.names() == ["key", "store.sqlite", "store.sqlite-journal"])
        }
    }

    /// Something about the place that is not safe.
    struct Place: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spoil: @Sendable (StoreFixture) throws -> Void
    }

    @Test(
        "A place that others can change, or a file with two names, is refused", .inFile,
        arguments: [
            Place(testDescription: "a folder that its group can change") {
                chmod($0.folder.path.string, 0o770)
            },
            Place(testDescription: "a folder that everyone can change") {
                chmod($0.folder.path.string, 0o1777)
            },
            Place(testDescription: "a second hard link") {
                link($0.location.store.string, $0.folder.appending("second").string)
            },
            Place(testDescription: "a symbolic link") {
                rename($0.location.store.string, $0.folder.appending("elsewhere").string)
                symlink($0.folder.appending("elsewhere").string, $0.location.store.string)
            },
            Place(testDescription: "a folder in its place") {
                unlink($0.location.store.string)
                mkdir($0.location.store.string, 0o700)
            },
            Place(testDescription: "a FIFO in its place") {
                unlink($0.location.store.string)
                mkfifo($0.location.store.string, 0o600)
            },
        ])
    func unsafePlaces(_ place: Place) async throws {
        try await withStore { fixture, _, _ in
            try place.spoil(fixture)
            let error = await #expect(throws: StoreError.self) { try await fixture.open(.existing) }
            #expect(error?.code == .unsafeLocation, "\(String(describing: error))")
        }
    }

    @Test("A store that others can read is closed to them when it is opened", .inFile)
    func permissions() async throws {
        try await withStore { fixture, _, _ in
            chmod(fixture.location.store.string, 0o644)
            _ = try await fixture.open(.existing)
            #expect(FileStatus.of(fixture.location.store)?.permissions == .ownerReadWrite)
        }
    }

    @Test("An empty file is no store, and stays empty")
    func emptyFile() async throws {
        try await withTemporaryFolder { folder in
            let fixture = StoreFixture(folder)
            _ = try KeyFile.readOrCreate(fixture.location.key)
            try folder.write([], to: "store.sqlite")
            let error = await #expect(throws: StoreError.self) { try await fixture.open(.existing) }
            #expect(error?.code == .unknownTenant)
            let bytes = try folder.read("store.sqlite")
            #expect(bytes.isEmpty)
        }
    }

    @Test("A store that is replaced while it is open is not read any more after a second", .inFile)
    func replacedWhileRead() async throws {
        try await withStore { fixture, store, acme in
            try await store.backup(to: fixture.folder.appending("copy"))
            #expect(!store.isReplaced)
            rename(fixture.folder.appending("copy").string, fixture.location.store.string)
            #expect(store.isReplaced)
            let readiness = await #expect(throws: StoreError.self) { try await store.proveReadable() }
            #expect(readiness?.code == .replaced)
            fixture.clock.advance(1)
            for _ in 0..<2 {
                let error = await #expect(throws: StoreError.self) { try await store.tenant(acme) }
                #expect(error?.code == .replaced)
            }
            #expect(try await fixture.open(.existing).tenants().count == 1)
        }
    }

    @Test("A foreign file keeps its permissions, a store that others can read loses them")
    func foreignPermissions() async throws {
        try await withTemporaryFolder { folder in
            let fixture = StoreFixture(folder)
            _ = try KeyFile.readOrCreate(fixture.location.key)
            let path = try folder.write(
                Array(repeating: 7, count: 5000), to: "store.sqlite",
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            await #expect(throws: StoreError.self) { try await fixture.open(.existing) }
            #expect(FileStatus.of(path)?.permissions == [.ownerReadWrite, .groupRead, .otherRead])
        }
    }

    @Test("A store or directory that belongs to another user is refused", .inFile, .enabled(if: geteuid() == 0))
    func foreignOwner() async throws {
        try await withStore { fixture, _, _ in
            for path in [fixture.location.store, fixture.folder.path, fixture.location.key] {
                chown(path.string, 65534, 65534)
                let error = await #expect(throws: StoreError.self) { try await fixture.open(.existing) }
                #expect(error?.code == (path == fixture.location.key ? .keyUnusable : .unsafeLocation))
                chown(path.string, 0, 0)
            }
            _ = try await fixture.open(.existing)
        }
    }

    @Test("A linked directory is followed, and the directory it leads to is checked", .inFile)
    func linkedDirectory() async throws {
        try await withStore { fixture, _, _ in
            let link = fixture.folder.path.string + "-link"
            symlink(fixture.folder.path.string, link)
            defer { unlink(link) }
            let location = StoreLocation(store: "\(link)/store.sqlite", key: fixture.location.key.string)
            _ = try await Store.open(at: location, timing: fixture.clock.timing)
            chmod(fixture.folder.path.string, 0o777)
            let error = await #expect(throws: StoreError.self) {
                try await Store.open(at: location, timing: fixture.clock.timing)
            }
            #expect(error?.code == .unsafeLocation)
        }
    }

    @Test("A store that is renamed or replaced while it is open is not written to", .inFile)
    func replaced() async throws {
        try await withStore { fixture, store, acme in
            try await store.backup(to: fixture.folder.appending("copy"))
            rename(fixture.location.store.string, fixture.folder.appending("away").string)
            for name in ["missing", "copy"] {
                rename(fixture.folder.appending(name).string, fixture.location.store.string)
                let error = await #expect(throws: StoreError.self) { try await store.removeTenant(acme) }
                #expect(error?.code == .replaced, "\(String(describing: error))")
            }
            #expect(try await fixture.open(.existing).tenants().count == 1)
        }
    }
}
