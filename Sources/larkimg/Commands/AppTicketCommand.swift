import ArgumentParser
import LarkAPI
import TokenStore

/// The group of commands for app_tickets.
struct AppTicketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket",
        abstract: "Store an app_ticket that another program received.",
        discussion: """
            EXAMPLE
              larkimg app ticket set shop --file ticket.txt
            """,
        subcommands: [AppTicketSetCommand.self]
    )
}

/// Stores a ticket.
struct AppTicketSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Store an app_ticket that another program received at the app's event address.",
        discussion: """
            Not needed if larkimg serve receives the app's events. The ticket counts as issued now.

            EXAMPLE
              printf %s "$TICKET" | larkimg app ticket set shop --file -
            """
    )

    @Argument(help: "The app's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "Read the app_ticket from this file, or from stdin with '-'.", valueName: "file|-"))
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
