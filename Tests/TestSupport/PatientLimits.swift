public import LarkAPI

extension LarkClient.Limits {
    /// As patient as the slowest machine needs: for tests that are not about time.
    public static var patient: Self {
        var limits = Self()
        limits.connect = .seconds(300)
        limits.idle = .seconds(300)
        limits.call = .seconds(300)
        return limits
    }
}
