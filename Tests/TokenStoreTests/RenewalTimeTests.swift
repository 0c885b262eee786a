import FoundationEssentials
import LarkAPI
import Testing

@testable import TokenStore

@Suite("When tokens are renewed that have not expired")
struct RenewalTimeTests {
    @Test("Tokens of the same age are renewed over twenty minutes: in no second more than twice the mean")
    func spread() throws {
        let end = Date(timeIntervalSince1970: 1_800_000_000)
        let token = try #require(TenantAccessToken("t-1", expiresAt: end))
        let tenants = 100_000
        var counts = [Int](repeating: 0, count: 1201)
        for number in 1...tenants {
            let left = end.timeIntervalSince(token.renewalTime(of: "tenant-\(number)"))
            try #require((600...1800).contains(left))
            counts[Int(left - 600)] += 1
        }
        let mean = Double(tenants) / 1200
        #expect(Double(counts.max() ?? 0) < 2 * mean)
        #expect(counts.dropLast().allSatisfy { Double($0) > mean / 2 })
    }

    @Test("The time depends on the tenant and its token alone")
    func isStable() throws {
        let end = Date(timeIntervalSince1970: 1_800_000_000)
        let token = try #require(TenantAccessToken("t-1", expiresAt: end))
        #expect(token.renewalTime(of: "acme") == token.renewalTime(of: "acme"))
        #expect(token.renewalTime(of: "acme") != token.renewalTime(of: "globex"))
    }
}
