import AuthServiceClient
import FoundationEssentials
import Testing

@testable import AuthService

@Suite("The status page")
struct StatusPageTests {
    private func html(_ age: TenantState.Age, images: Int? = 0) -> String {
        let tenant = TenantState(
            tenant: "acme", host: "https://x", appId: "cli_a", token: age, quota: "50/s",
            quotaUsed: .init(images: images, messageResources: 0))
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

    @Test("A count of requests that cannot be read is a question mark, and no sample of the metric")
    func unknownCount() {
        #expect(html(.fresh, images: 7).contains("7 + 0 of 50/s"))
        #expect(html(.fresh, images: nil).contains("? + 0 of 50/s"))
        let tenant = TenantState(
            tenant: "acme", host: "https://x", appId: "cli_a", token: .fresh, quota: "50/s",
            quotaUsed: .init(images: nil, messageResources: 3))
        let text = ServiceMetrics().text(tenants: [tenant], connections: 0, at: Date(timeIntervalSince1970: 0))
        let samples = text.split(separator: "\n").filter { $0.hasPrefix("larkimg_quota_used{") }
        #expect(samples.count == 1 && samples[0].contains("message_resources"), "\(samples)")
    }

    @Test("The calls of the month are shown with the quota that is known, and are one sample for each app")
    func month() {
        func tenant(_ name: String, app: String, calls: Int?, quota: Int?) -> TenantState {
            var tenant = TenantState(
                tenant: name, host: "https://x", appId: app, token: .fresh, quota: "50/s",
                quotaUsed: .init(images: 0, messageResources: 0))
            tenant.monthCalls = calls
            tenant.monthQuota = quota
            return tenant
        }
        let tenants = [
            tenant("a", app: "cli_shop", calls: 1234, quota: 10_000),
            tenant("b", app: "cli_shop", calls: 1234, quota: 10_000),
            tenant("c", app: "cli_free", calls: 7, quota: nil), tenant("d", app: "cli_lost", calls: nil, quota: 5),
        ]
        let html = StatusPage.html(tenants, principal: "uid 0", at: Date(timeIntervalSince1970: 0))
        for cell in [">1234 of 10000<td>", ">7<td>", ">? of 5<td>"] { #expect(html.contains(cell), "\(html)") }
        let text = ServiceMetrics().text(tenants: tenants, connections: nil, at: Date(timeIntervalSince1970: 0))
        let samples = text.split(separator: "\n").filter { $0.hasPrefix("larkimg_month_") }
        #expect(
            samples == [
                #"larkimg_month_calls{app_id="cli_shop",host="https://x"} 1234"#,
                #"larkimg_month_calls{app_id="cli_free",host="https://x"} 7"#,
                #"larkimg_month_quota{app_id="cli_shop",host="https://x"} 10000"#,
                #"larkimg_month_quota{app_id="cli_lost",host="https://x"} 5"#,
            ])
    }
}
