import Synchronization

extension Emulator {
    /// Revokes the tokens that were issued for an app, in one tenant or in all: they answer 99991663 from now on.
    public func revokeTokens(appID: String, tenantKey: String? = nil) {
        world.withLock { $0.tokens.revoke(appID: appID, tenantKey: tenantKey) }
    }

    /// Changes an app's secret. Tokens that were issued stay good.
    public func setSecret(_ secret: String, appID: String) {
        world.withLock { $0.apps[appID]?.appSecret = secret }
    }

    /// Turns the bot feature of an app on or off.
    public func setBot(_ isOn: Bool, appID: String) {
        world.withLock { $0.apps[appID]?.hasBot = isOn }
    }

    /// Sets the scopes that are granted to an app.
    public func setScopes(_ scopes: Set<String>, appID: String) {
        world.withLock { $0.apps[appID]?.scopes = scopes }
    }

    /// Sets the addresses from which an app may call business APIs; an empty set lets every address in.
    public func setAllowedIPs(_ addresses: Set<String>, appID: String) {
        world.withLock { $0.apps[appID]?.allowedIPs = addresses }
    }

    /// Stops or starts an app, in one tenant or, where none is named, everywhere.
    public func setAppEnabled(_ isEnabled: Bool, appID: String, tenantKey: String? = nil) {
        world.withLock { world in
            guard let tenantKey else {
                world.apps[appID]?.isEnabled = isEnabled
                return
            }
            if isEnabled {
                world.apps[appID]?.stoppedTenantKeys.remove(tenantKey)
            } else {
                world.apps[appID]?.stoppedTenantKeys.insert(tenantKey)
            }
            let status = isEnabled ? "start_by_tenant" : "stop_by_tenant"
            world.push(.appStatusChange(tenantKey: tenantKey, status: status), appID: appID)
        }
        bell.ring()
    }

    /// Installs a store app in a tenant and pushes `app_open`.
    public func install(appID: String, tenantKey: String) {
        world.withLock { world in
            world.apps[appID]?.tenantKeys.append(tenantKey)
            world.push(.appOpen(tenantKey: tenantKey), appID: appID)
        }
        bell.ring()
    }

    /// Removes a store app from a tenant and pushes `app_uninstalled`.
    public func uninstall(appID: String, tenantKey: String) {
        world.withLock { world in
            world.apps[appID]?.tenantKeys.removeAll { $0 == tenantKey }
            world.push(.appUninstalled(tenantKey: tenantKey), appID: appID)
        }
        bell.ring()
    }

    /// Adds an app, or puts it in the place of the one with the same app_id.
    public func setApp(_ app: EmulatedApp) {
        world.withLock { world in
            world.apps[app.appID] = app
            if app.kind == .store, world.tickets[app.appID] == nil {
                world.tickets[app.appID] = AppTickets(current: AppTickets.newTicket())
            }
        }
    }

    /// Changes the choices for what the documentation leaves open.
    public func setSwitches(_ change: (inout Behaviour) -> Void) {
        world.withLock { change(&$0.switches) }
    }

    /// Turns quotas on or off, with other numbers where they are given.
    public func setQuota(enforced: Bool, _ quota: Quota? = nil) {
        world.withLock { world in
            world.enforcesQuota = enforced
            world.quota = quota ?? world.quota
            world.windows = QuotaWindows()
        }
    }

    /// The app_ticket of a store app that works now.
    public func appTicket(appID: String) -> String? {
        world.withLock { $0.currentTicket(of: appID) }
    }
}
