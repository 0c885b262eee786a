// swift-tools-version: 6.2

import PackageDescription

// scripts/build-release sets it. Without it a new commit changes nothing that is compiled.
let commit = Context.environment["LARKIMG_COMMIT"] ?? ""

let package = Package(
    name: "larkimg",
    products: [
        .library(name: "AuthServiceClient", targets: ["AuthServiceClient"]),
        .library(name: "LarkAPI", targets: ["LarkAPI"]),
        .library(name: "TokenStore", targets: ["TokenStore"]),
        .library(name: "ImageFetch", targets: ["ImageFetch"]),
        .executable(name: "larkimg", targets: ["larkimg"]),
        .executable(name: "lark-emulator", targets: ["lark-emulator"]),
    ],
    traits: [
        .default(enabledTraits: ["Programs"]),
        .trait(
            name: "Programs",
            description: "The programs and the tests; a package that uses only the libraries goes without: traits: []"),
        .trait(
            name: "PostgreSQL",
            description: "Stores on PostgreSQL; needs libpq (Debian: libpq-dev)",
            // `--traits` replaces the default.
            enabledTraits: ["Programs"]),
    ],
    // Exact versions pin the dependencies, so that every clone builds the same sources.
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        .target(
            name: "LarkAPI",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .systemLibrary(name: "CLinux"),
        .target(
            name: "CVersion",
            cSettings: commit.isEmpty ? [] : [.define("LARKIMG_COMMIT", to: commit)]
        ),
        .target(
            name: "PosixFiles",
            dependencies: [
                "CLinux",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(
            name: "CPostgreSQL",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),
        .target(
            name: "Database",
            dependencies: [
                .target(name: "CPostgreSQL", condition: .when(traits: ["PostgreSQL"])),
                "CSQLite",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "Migrations",
            path: "migrations",
            exclude: ["postgresql"],
            resources: [
                .embedInCode("sqlite/V1_tenants.sql"),
                .embedInCode("sqlite/V2_tenant_quota.sql"),
                .embedInCode("sqlite/V3_store_apps.sql"),
                .embedInCode("sqlite/V4_clients.sql"),
                .embedInCode("sqlite/V5_authenticated_rows.sql"),
                .embedInCode("sqlite/V6_outages.sql"),
                .embedInCode("sqlite/V7_month_quota.sql"),
                .embedInCode("sqlite/V8_resources.sql"),
                .embedInCode("sqlite/V9_secret_references.sql"),
                .embedInCode("sqlite/Q1_quota_ledger.sql"),
                .embedInCode("sqlite/Q2_month_calls.sql"),
            ]
        ),
        // A target of its own: the names of embedded files must be unique in a target.
        .target(
            name: "PostgreSQLMigrations",
            dependencies: ["Migrations"],
            path: "migrations/postgresql",
            resources: [
                .embedInCode("V1_tenants.sql"),
                .embedInCode("V2_tenant_quota.sql"),
                .embedInCode("V3_store_apps.sql"),
                .embedInCode("V4_clients.sql"),
                .embedInCode("V5_authenticated_rows.sql"),
                .embedInCode("V6_outages.sql"),
                .embedInCode("V7_month_quota.sql"),
                .embedInCode("V8_resources.sql"),
                .embedInCode("V9_secret_references.sql"),
                .embedInCode("Q1_quota_ledger.sql"),
                .embedInCode("Q2_month_calls.sql"),
                .embedInCode("L1_leases.sql"),
            ]
        ),
        .target(
            name: "TokenStore",
            dependencies: [
                "Database",
                "LarkAPI",
                "Migrations",
                "PosixFiles",
                .target(name: "PostgreSQLMigrations", condition: .when(traits: ["PostgreSQL"])),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "AuthServiceClient",
            dependencies: [
                "LarkAPI",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "Messages",
            dependencies: ["LarkAPI"]
        ),
        .target(
            name: "ImageFetch",
            dependencies: [
                "LarkAPI",
                "Messages",
                "PosixFiles",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "AuthService",
            dependencies: [
                "AuthServiceClient",
                "LarkAPI",
                "PosixFiles",
                "TokenStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("openapi.json")]
        ),
        .executableTarget(
            name: "larkimg",
            dependencies: [
                "AuthService",
                "AuthServiceClient",
                "CVersion",
                "ImageFetch",
                "LarkAPI",
                "Messages",
                "PosixFiles",
                "TokenStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "LarkEmulator",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "lark-emulator",
            dependencies: [
                "LarkEmulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "TestSupport",
            dependencies: [
                "LarkAPI",
                "LarkEmulator",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(
            name: "LarkAPITests",
            dependencies: [
                "LarkAPI",
                "LarkEmulator",
                "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "AuthServiceClientTests",
            dependencies: [
                "AuthServiceClient",
                "LarkAPI",
                "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "PosixFilesTests",
            dependencies: [
                "PosixFiles",
                "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "DatabaseTests",
            dependencies: [
                "Database",
                "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "PostgreSQLDatabaseTests",
            dependencies: [
                "Database",
                "Migrations",
                "PostgreSQLMigrations",
                "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "TokenStoreTests",
            dependencies: [
                "Database",
                "LarkAPI",
                "Migrations",
                "PosixFiles",
                "TestSupport",
                "TokenStore",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "MessagesTests",
            dependencies: [
                "LarkAPI",
                "Messages",
            ]
        ),
        .testTarget(
            name: "ImageFetchTests",
            dependencies: [
                "ImageFetch",
                "LarkAPI",
                "LarkEmulator",
                "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "AuthServiceTests",
            dependencies: [
                "AuthService",
                "AuthServiceClient",
                "Database",
                "LarkAPI",
                "PosixFiles",
                "TestSupport",
                "TokenStore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "LarkEmulatorTests",
            dependencies: [
                "LarkEmulator",
                "TestSupport",
                "lark-emulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "larkimgTests",
            dependencies: [
                "AuthService",
                "AuthServiceClient",
                "ImageFetch",
                "LarkAPI",
                "LarkEmulator",
                "TestSupport",
                "TokenStore",
                "larkimg",
                "lark-emulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        // A library, since programs would be linked with each build. It sees public symbols alone, like another package.
        .target(
            name: "Examples",
            dependencies: [
                "ImageFetch",
                "LarkAPI",
                "TokenStore",
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            path: "Examples/Programs",
            packageAccess: false
        ),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "Examples",
                "ImageFetch",
                "LarkAPI",
                "LarkEmulator",
                "TestSupport",
                "TokenStore",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Examples/Tests",
            packageAccess: false
        ),
    ]
)

// The packages that no library product needs. SwiftPM resolves a package unless every target that uses it names a trait
// that is off. scripts/dependencies.py checks the list.
let programPackages: Set = [
    "hummingbird", "swift-argument-parser", "swift-http-types", "swift-nio-extras", "swift-service-lifecycle",
]
for target in package.targets {
    target.dependencies = target.dependencies.map { dependency in
        guard case .productItem(let name, let package?, _, _) = dependency, programPackages.contains(package) else {
            return dependency
        }
        return .product(name: name, package: package, condition: .when(traits: ["Programs"]))
    }
}

// NonisolatedNonsendingByDefault is off: Swift 6.3.1 returns from such functions to their callers on the wrong thread,
// and actor state is then used off the actor (swiftlang/swift#89693, #88259). CompilerTests fails once that is fixed.
//
// A system library is not compiled, so it takes no settings.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
        .enableUpcomingFeature("ExistentialAny"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
        .enableUpcomingFeature("MemberImportVisibility"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
        .enableUpcomingFeature("InternalImportsByDefault"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0470-isolated-conformances.md
        .enableUpcomingFeature("InferIsolatedConformances"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0443-warning-control-flags.md
        .treatAllWarnings(as: .error),
    ]
}
