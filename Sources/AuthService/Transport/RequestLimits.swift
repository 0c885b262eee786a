import NIOCore

/// How large a request may be, and how long it may take to arrive.
enum RequestLimits {
    /// Of the body, in bytes.
    static let body = 64 << 10
    /// Of all that comes before an answer, in bytes: then the connection is closed.
    static let unread = 1 << 20
    /// Of all header fields, in bytes.
    static let headers = 16 << 10
    /// Until a connection on which nothing happens is closed, or one whose headers do not come to an end.
    static let idle = TimeAmount.seconds(15)
    /// From the first line of a request to the end of its body, and for answers that are not read.
    static let arrival = TimeAmount.seconds(10)
}
