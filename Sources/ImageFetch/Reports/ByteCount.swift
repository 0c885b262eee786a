/// Sizes for people.
package enum ByteCount {
    /// `812 B`, `61.2 MB`: powers of a thousand, as disks are sold.
    package static func text(_ bytes: Int) -> String {
        var value = Double(bytes)
        var units = ["B", "kB", "MB", "GB", "TB"][...]
        while value >= 999.95, units.count > 1 {
            value /= 1000
            units = units.dropFirst()
        }
        let tenths = Int((value * 10).rounded())
        return units.first == "B" ? "\(bytes) B" : "\(tenths / 10).\(tenths % 10) \(units.first ?? "")"
    }
}
