/// The faults that are in force, and how often each has met a request.
struct FaultList: Sendable {
    private var faults: [(fault: Fault, met: Int)] = []

    mutating func add(_ fault: Fault) {
        faults.append((fault, 0))
    }

    /// The actions of the first fault that acts on a request; counts the meeting for each fault asked.
    mutating func actions(for request: IncomingRequest) -> [Fault.Action] {
        for index in faults.indices where faults[index].fault.match.fits(request) {
            let fault = faults[index].fault
            faults[index].met += 1
            guard faults[index].met > fault.skip else { continue }
            switch fault.times {
            case .always:
                return fault.actions
            case .times(let times) where faults[index].met <= fault.skip + times:
                return fault.actions
            case .times:
                continue
            }
        }
        return []
    }
}

extension Fault.Match {
    func fits(_ request: IncomingRequest) -> Bool {
        (api == nil || api == request.route.api)
            && (path.map { request.path.hasPrefix($0) } ?? true)
            && (key.map { request.route.keys.contains($0) } ?? true)
            && (appID == nil || appID == request.appID)
            && (tenantKey == nil || tenantKey == request.tenantKey)
    }
}
