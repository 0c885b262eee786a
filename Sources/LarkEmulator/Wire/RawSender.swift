import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1

/// How a response is sent.
struct WireFormat: Sendable {
    /// What the headers say about the length of the body.
    enum Framing: Sendable, Hashable {
        /// The actual length.
        case actual
        /// This text as Content-Length.
        case declared(String)
        /// No length: the body ends when the connection closes.
        case untilClose
        case chunked
    }

    /// How the response ends.
    enum End: Sendable, Hashable {
        case complete
        /// After that many bytes of the body; nil is before the head.
        case cut(after: Int?)
        case reset(after: Int?)
        case stall(after: Int?)
    }

    struct Drip: Sendable, Hashable {
        var bytes: Int
        var seconds: Double
    }

    var framing = Framing.actual
    var end = End.complete
    var drip: Drip?
    var sendsEndlessHeaders = false

    /// Whether the HTTP server can send the response, without ``RawSender``.
    var isRegular: Bool {
        framing == .actual && end == .complete && drip == nil && !sendsEndlessHeaders
    }

    /// Whether the client receives a status.
    var sendsHead: Bool {
        switch end {
        case .cut(nil), .reset(nil), .stall(nil): false
        case .complete, .cut, .reset, .stall: true
        }
    }
}

/// Sends a response without the HTTP encoder, so that it can be malformed. The connection is unusable afterwards.
struct RawSender: Sendable {
    let channel: any Channel
    let response: Response
    let format: WireFormat

    func send() async throws {
        switch format.end {
        case .complete:
            try await write(head)
            try await writeEndlessHeaders()
            try await writeBody(upTo: response.length)
            if format.framing == .chunked {
                try await write("0\r\n\r\n")
            }
            try await channel.close()
        case .cut(let count):
            try await write(upTo: count)
            try await channel.close()
        case .reset(let count):
            try await write(upTo: count)
            // With a linger time of zero, closing sends a reset and discards what was not sent.
            if let socket = channel as? any SocketOptionProvider {
                try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
            try await channel.triggerUserOutboundEvent(HardClose()).get()
        case .stall(let count):
            try await write(upTo: count)
            try await channel.closeFuture.get()
        }
    }

    /// Sends the head and that many bytes of the body; nil sends nothing.
    private func write(upTo count: Int?) async throws {
        guard let count else { return }
        try await write(head)
        try await writeBody(upTo: min(count, response.length))
    }

    private var head: String {
        let reason = HTTPResponseStatus(statusCode: response.status).reasonPhrase
        var fields = response.fields
        switch format.framing {
        case .actual where response.isChunked, .chunked:
            fields.append(Response.Field(name: "Transfer-Encoding", value: "chunked"))
        case .actual:
            fields.append(Response.Field(name: "Content-Length", value: String(response.length)))
        case .declared(let text):
            fields.append(Response.Field(name: "Content-Length", value: text))
        case .untilClose:
            break
        }
        fields.append(Response.Field(name: "Connection", value: "close"))
        let lines = fields.map { "\(response.hasLowerCaseFields ? $0.name.lowercased() : $0.name): \($0.value)\r\n" }
        let ending = format.sendsEndlessHeaders ? "" : "\r\n"
        return "HTTP/1.1 \(response.status) \(reason)\r\n" + lines.joined() + ending
    }

    /// Continues until the client closes the connection, which makes the write throw.
    private func writeEndlessHeaders() async throws {
        guard format.sendsEndlessHeaders else { return }
        var number = 0
        while true {
            number += 1
            try await write("X-Endless-\(number): \(String(repeating: "e", count: 1000))\r\n")
        }
    }

    private func writeBody(upTo count: Int) async throws {
        let isChunked = format.framing == .chunked || (format.framing == .actual && response.isChunked)
        if isChunked, response.length > 0 {
            // One chunk holds it all, so that a cut falls into its middle.
            try await write("\(String(response.length, radix: 16))\r\n")
        }
        var left = count
        for var piece in response.pieces where left > 0 {
            guard let part = piece.readSlice(length: min(left, piece.readableBytes)) else { break }
            left -= part.readableBytes
            try await writeDripping(part)
        }
        if isChunked, response.length > 0, count == response.length {
            try await write("\r\n")
        }
    }

    private func writeDripping(_ part: ByteBuffer) async throws {
        guard let drip = format.drip else {
            try await write(part)
            return
        }
        var rest = part
        while let drop = rest.readSlice(length: min(max(1, drip.bytes), rest.readableBytes)), drop.readableBytes > 0 {
            try await Task.sleep(for: .seconds(drip.seconds))
            try await write(drop)
        }
    }

    private func write(_ text: String) async throws {
        try await write(ByteBuffer(string: text))
    }

    private func write(_ buffer: ByteBuffer) async throws {
        try await channel.triggerUserOutboundEvent(RawBytes(buffer: buffer)).get()
    }
}
