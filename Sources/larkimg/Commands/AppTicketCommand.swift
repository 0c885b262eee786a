import ArgumentParser
import LarkAPI
import TokenStore

/// The group of commands about tickets.
struct AppTicketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket",
        abstract: "Hand over an app_ticket that was received elsewhere.",
        discussion: """
            EXAMPLE
              larkimg app ticket set shop --file ticket.txt
            """,
        subcommands: [AppTicketSetCommand.self]
    )
}

/// Keeps a ticket.
struct AppTicketSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Keep an app_ticket that another program received at the app's event address.",
        discussion: """
            It counts as made now. Where larkimg serve receives the app's events there is no need for this.

            EXAMPLE
              printf %s "$TICKET" | larkimg app ticket set shop --file -
            """
    )

    @Argument(help: "The app's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "Read the ticket from this file, or from stdin with '-'. Never given as an argument.", valueName: "file|-"))
    var file: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let name = try AppName(name)
            let store = try await Store.open(at: store.location())
            try await store.setTicket(try SecretInput.read(file, what: "app_ticket"), of: name)
            try AppOutput.write(try await store.app(name), as: output.json ? .json : .line("ticket set for"))
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
