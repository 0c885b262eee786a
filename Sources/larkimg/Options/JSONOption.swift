import ArgumentParser

/// The option for output that scripts read.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON: one object, or one line per item. Errors are JSON on stderr.")
    var json = false
}
