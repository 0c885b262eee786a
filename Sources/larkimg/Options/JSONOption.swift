import ArgumentParser

/// Whether scripts read the result.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print one JSON object, or one line for each item; errors are JSON on stderr.")
    var json = false
}
