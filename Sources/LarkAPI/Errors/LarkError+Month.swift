import FoundationEssentials

extension LarkError {
    /// The error of a program that keeps calls of the month in reserve, once no others are left.
    ///
    /// - Parameters:
    ///   - left: how many calls are left; nil if they cannot be counted.
    ///   - reserve: how many are to be left.
    ///   - month: the month in which they are counted.
    static func onlyReserveLeft(_ left: Int?, reserve: Int, month: CalendarMonth) -> LarkError {
        guard let left else {
            return LarkError(
                .tryLater, "the calls of this month cannot be counted, so none can be kept in reserve",
                remedy: "Check that the app has a quota for the month, and that the count of requests can be written")
        }
        return LarkError(
            .tryLater,
            "\(max(left, 0)) calls are left of the app's quota for this month, and \(reserve) are kept in reserve",
            remedy: Remedy("The next month begins on \(month.next.start)", PlatformAction.lowerMonthReserve))
    }
}

extension LarkErrorCode {
    /// What to do next.
    ///
    /// - Parameter now: the time of the platform's clock, if it is known.
    func remedy(at now: Date?) -> Remedy {
        guard traits.contains(.monthQuota), let now else { return remedy }
        let start = CalendarMonth(of: now).next.start
        return Remedy("The next month begins on \(start); the tenant's administrator can upgrade the plan")
    }
}
