import AuthServiceClient
import FoundationEssentials
import Testing

@testable import AuthService

@Suite("The status page")
struct StatusPageTests {
    private func html(_ age: TenantState.Age) -> String {
        let tenant = TenantState(
            tenant: "acme", host: "https://x", appId: "cli_a", token: age, quota: "50/s",
            quotaUsed: .init(images: 0, messageResources: 0))
        return StatusPage.html([tenant], principal: "uid 0", at: Date(timeIntervalSince1970: 0))
    }

    @Test(
        "The age of a token is a word that the style sheet has a class for",
        arguments: [
            (TenantState.Age.fresh, "fresh"), (.expiring, "expiring"), (.expired, "expired"), (.none, "none"),
        ])
    func ages(_ age: TenantState.Age, _ word: String) {
        let html = html(age)
        #expect(html.contains(#"<span class="age \#(word)">\#(word)</span>"#))
        #expect(html.contains(".\(word) {") || html.contains(".\(word), "))
    }
}
