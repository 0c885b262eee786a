import Synchronization

extension Emulator {
    /// Adds a fault behind those there are.
    public func addFault(_ fault: Fault) {
        world.withLock { $0.faults.add(fault) }
    }

    /// Removes all faults. Requests that one of them holds stay held.
    public func clearFaults() {
        world.withLock { $0.faults = FaultList() }
    }

    /// Lets the requests go that are held now by ``Fault/Action/hold``.
    public func release() {
        gate.release()
    }

    /// Waits until that many requests are held. It resumes with the arrival of the last of them.
    public func waitForHeld(count: Int) async {
        await gate.waitForHeld(count: count)
    }
}
