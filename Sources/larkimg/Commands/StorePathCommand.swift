import ArgumentParser
import SystemPackage
import TokenStore

/// Prints the store's path.
struct StorePathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print the store's path.",
        discussion: """
            EXAMPLE
              larkimg store path --json
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() throws {
        do {
            let location = try store.location()
            try Terminal.write(
                output.json
                    ? JSONLine.text(["store": location.store.string, "key": location.key.string])
                    : "\(location.store)\n")
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
