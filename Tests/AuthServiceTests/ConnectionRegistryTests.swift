import HTTPTypes
import LarkAPI
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("Open connections")
struct ConnectionRegistryTests {
    private let clock = TestClocks()

    private func channel(from address: String = "10.0.0.1") throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        channel.remoteAddress = try SocketAddress(ipAddress: address, port: 1)
        try channel.connect(to: SocketAddress(ipAddress: address, port: 1)).wait()
        return channel
    }

    private func isOpen(_ channel: EmbeddedChannel) -> Bool {
        channel.embeddedEventLoop.run()
        return channel.isActive
    }

    @Test("One address gets an eighth of all connections, and its oldest idle one is closed for a new one")
    func addressLimit() throws {
        let registry = ConnectionRegistry(limit: 16, timing: clock.timing)
        let (first, second, third) = (try channel(), try channel(), try channel())
        for channel in [first, second, third] {
            clock.advance(0.1)
            #expect(registry.add(channel))
        }
        #expect(!isOpen(first) && isOpen(second) && isOpen(third))
        registry.setIdle(false, second)
        registry.setIdle(false, third)
        #expect(try !registry.add(channel()))
        #expect(try registry.add(channel(from: "10.0.0.2")))
        _ = try second.finish()
        #expect(try registry.add(channel()))
    }

    @Test("At the limit the oldest idle connection is closed for a new one; without an idle one the new one is refused")
    func limit() throws {
        let registry = ConnectionRegistry(limit: 2, timing: clock.timing)
        let (busy, idle) = (try channel(from: "10.0.0.1"), try channel(from: "10.0.0.2"))
        #expect(registry.add(busy) && registry.add(idle))
        registry.setIdle(false, busy)
        let new = try channel(from: "10.0.0.3")
        #expect(registry.add(new))
        #expect(isOpen(busy) && !isOpen(idle) && isOpen(new))
        registry.setIdle(false, new)
        #expect(try !registry.add(channel(from: "10.0.0.4")))
        #expect(registry.count == 2)
    }

    @Test("With more than half of the connections open, those that are idle for three seconds are closed")
    func shortIdleTime() throws {
        let registry = ConnectionRegistry(limit: 4, timing: clock.timing)
        let channels = try (1...3).map { try channel(from: "10.0.0.\($0)") }
        for channel in channels.prefix(2) { #expect(registry.add(channel)) }
        clock.advance(10)
        registry.closeIdle()
        #expect(channels.prefix(2).allSatisfy(isOpen))
        #expect(registry.add(channels[2]))
        registry.setIdle(false, channels[0])
        registry.closeIdle()
        #expect(channels.map(isOpen) == [true, false, true])
        clock.advance(3)
        registry.closeIdle()
        #expect(isOpen(channels[2]))
    }

    @Test("Connections leave 64 descriptors to the rest of the process")
    func descriptors() {
        #expect(DescriptorLimit.connections(asked: 4096, limit: 1024) == 960)
        #expect(DescriptorLimit.connections(asked: 100, limit: 1024) == 100)
        #expect(DescriptorLimit.connections(asked: 100, limit: 10) == 1)
    }

    @Test("A request has ten seconds to arrive, but the time in which the service does not read does not count")
    func arrival() throws {
        let registry = ConnectionRegistry(limit: 4, timing: clock.timing)
        let (prompt, slow) = (try channel(), try channel())
        for channel in [prompt, slow] {
            try channel.pipeline.syncOperations.addHandler(RequestTimeoutHandler(connections: registry))
            channel.pipeline.fireChannelRead(
                HTTPRequestPart.head(.init(method: .post, scheme: nil, authority: "x", path: "/")))
            channel.pipeline.fireChannelReadComplete()
        }
        // Nothing reads from the first one for a long time.
        slow.read()
        for channel in [prompt, slow] { channel.embeddedEventLoop.advanceTime(by: .seconds(11)) }
        #expect(isOpen(prompt) && !isOpen(slow))
        // Parts do not extend the time.
        for _ in 1...3 {
            #expect(isOpen(prompt))
            prompt.read()
            prompt.embeddedEventLoop.advanceTime(by: .seconds(4))
            prompt.pipeline.fireChannelRead(HTTPRequestPart.body(ByteBuffer(string: " ")))
            prompt.pipeline.fireChannelReadComplete()
        }
        #expect(!isOpen(prompt))
    }
}
