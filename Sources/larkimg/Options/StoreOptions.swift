import ArgumentParser
import FoundationEssentials
import LarkAPI
import TokenStore

/// Where the store is.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store to use. (default: $LARKIMG_STORE, else $XDG_DATA_HOME/larkimg/store.sqlite)", valueName: "path"))
    var store: String?

    /// The store and the key, by option, environment and default.
    ///
    /// - Throws: ``StoreError`` when nothing says where home is.
    func location() throws -> StoreLocation {
        try StoreLocation(store: store, environment: ProcessInfo.processInfo.environment)
    }
}
