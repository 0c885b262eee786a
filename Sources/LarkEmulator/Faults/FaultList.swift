import Synchronization

/// The faults in force, and how many requests each has matched.
struct FaultList: Sendable {
    private var faults: [(fault: Fault, matches: Int)] = []

    mutating func add(_ fault: Fault) {
        faults.append((fault, 0))
    }

    /// The actions of the first fault that acts on a request. Every fault before it that matches counts the request too.
    mutating func actions(for request: IncomingRequest) -> [Fault.Action] {
        for index in faults.indices where faults[index].fault.match.matches(request) {
            let fault = faults[index].fault
            faults[index].matches += 1
            guard faults[index].matches > fault.skip else { continue }
            switch fault.times {
            case .always:
                return fault.actions
            case .times(let times) where faults[index].matches <= fault.skip + times:
                return fault.actions
            case .times:
                continue
            }
        }
        return []
    }
}

extension Fault.Match {
    func matches(_ request: IncomingRequest) -> Bool {
        (api == nil || api == request.route.api)
            && (path.map { request.path.hasPrefix($0) } ?? true)
            && (key.map { request.route.keys.contains($0) } ?? true)
            && (appID == nil || appID == request.appID)
            && (tenantKey == nil || tenantKey == request.tenantKey)
    }
}

extension Emulator {
    /// Adds a fault after the existing ones.
    public func addFault(_ fault: Fault) {
        platform.withLock { $0.faults.add(fault) }
    }

    /// Removes all faults. Requests that are held stay held.
    public func clearFaults() {
        platform.withLock { $0.faults = FaultList() }
    }

    /// Releases the requests that ``Fault/Action/hold`` holds now.
    public func release() {
        gate.release()
    }

    /// Waits until that many requests are held.
    public func waitForHeld(count: Int) async {
        await gate.waitForHeld(count: count)
    }
}
