import ArgumentParser
import LarkAPI

/// The command that a command line names.
struct CommandPath {
    let command: any ParsableCommand.Type
    /// The words that name it: `larkimg tenant add`.
    let words: [String]
    /// The arguments after these words.
    let rest: ArraySlice<String>

    /// Follows the words as far as they name commands.
    init(of arguments: [String]) {
        var command: any ParsableCommand.Type = Larkimg.self
        var words = [Larkimg._commandName]
        var rest = arguments[...]
        while let word = rest.first, let next = command.subcommand(word) {
            command = next
            words.append(word)
            rest = rest.dropFirst()
        }
        self.command = command
        self.words = words
        self.rest = rest
    }

    var text: String { words.joined(separator: " ") }
}

/// A word in the place of a command that is none.
struct UnknownCommand {
    private let path: CommandPath
    private let word: String

    /// - Returns: nil if every command of the arguments exists.
    init?(in arguments: [String]) {
        path = CommandPath(of: arguments)
        // The parser adds the command help.
        guard !path.command.configuration.subcommands.isEmpty, let word = path.rest.first, !word.hasPrefix("-"),
            word != "help"
        else { return nil }
        self.word = word
    }

    /// The error, with the command that the user probably meant.
    var error: CommandError {
        let names = path.command.configuration.subcommands.map { $0._commandName }
        let nearest = NearestName.of(word, in: names).map { "Did you mean \(path.text) \($0)? " } ?? ""
        return CommandError(
            description: "there is no command \(path.text) \(TerminalText.visible(word, limit: 60))",
            remedy: "\(nearest)See \(path.text) --help")
    }
}

extension ParsableCommand {
    fileprivate static func subcommand(_ name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first { $0._commandName == name }
    }
}
