public import LarkAPI

/// A line of a list that names no download.
public struct InvalidLine: Error, Sendable, CustomStringConvertible {
    /// Counted from 1.
    public let number: Int
    /// The line without its end. One that is longer than 64 KiB is cut, and stays longer than that.
    public let bytes: [UInt8]
    /// What is wrong with it.
    public let reason: String

    /// The number of the line, and what is wrong with it.
    public var description: String { "line \(number): \(reason)" }
}

/// Something in a message that cannot be downloaded, which is no failure.
public struct UnavailableResource: Sendable, CustomStringConvertible {
    /// The line, counted from 1; nil for a part of a message that was requested.
    public let line: Int?
    /// The message, if it is known.
    public let message: MessageID?
    /// Why.
    public let reason: String

    /// The line, the message and the reason.
    public var description: String {
        let place = [line.map { "line \($0)" }, message.map { "\($0)" }].compactMap(\.self)
        return (place + [reason]).joined(separator: ": ")
    }
}
