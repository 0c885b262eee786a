import LarkAPI
import Testing

@Suite("Rates")
struct RequestRateTests {
    @Test(
        "A rate is read as it is written",
        arguments: [
            ("50/s,1000/m", 50, 1000), ("1000/m,50/s", 50, 1000), ("5/s", 5, nil), ("100/m", nil, 100),
            ("none", nil, nil), ("1000/s,10000/m", 1000, 10_000),
        ] as [(String, Int?, Int?)])
    func reading(_ text: String, perSecond: Int?, perMinute: Int?) throws {
        let rate = try RequestRate(text)
        #expect(rate.perSecond == perSecond)
        #expect(rate.perMinute == perMinute)
        #expect(try RequestRate(rate.description) == rate)
    }

    @Test(
        "What is no rate is refused",
        arguments: [
            "", "50", "50/h", "0/s", "-1/s", "+5/s", "1001/s", "10001/m", "50/s,", ",50/s", "50/s,50/s",
            "50/s,1000/m,1/s",
            "５０/s", "5 /s", "1e3/m", "99999999999999999999/m", "None", "/s",
        ])
    func refused(_ text: String) {
        #expect(throws: InvalidValue.self) { try RequestRate(text) }
    }

    @Test("The platform's usual rate is 50 a second and 1,000 a minute")
    func standard() {
        #expect("\(RequestRate.standard)" == "50/s,1000/m")
        #expect("\(RequestRate.unlimited)" == "none")
    }
}
