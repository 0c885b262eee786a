/// Numbers with units, as options take them: `20M`, `5m`.
enum NumberText {
    static let bytes: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    static let seconds: [Character: Int] = ["s": 1, "m": 60, "h": 3600]

    /// A whole number with at most one unit after it; nil for any other text.
    static func value(_ text: String, units: [Character: Int]) -> Int? {
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let count = Int(digits)
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
        return overflow ? nil : product
    }
}
