import ArgumentParser
import FoundationEssentials
import LarkAPI
import TokenStore

/// The location of the store.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store. (default: $LARKIMG_STORE, else $XDG_DATA_HOME/larkimg/store.sqlite)", valueName: "path"))
    var store: String?

    /// The store and the key, by option, environment and default.
    ///
    /// - Throws: ``StoreError`` when there is no home directory.
    func location() throws -> StoreLocation {
        try StoreLocation(store: store, environment: ProcessInfo.processInfo.environment)
    }
}
