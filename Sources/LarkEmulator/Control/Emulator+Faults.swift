import Synchronization

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
