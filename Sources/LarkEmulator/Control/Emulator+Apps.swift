import Synchronization

extension Emulator {
    /// Revokes the tokens issued for an app, in one tenant or in all: the platform rejects them with 99991663 from now on.
    public func revokeTokens(appID: String, tenantKey: String? = nil) {
        platform.withLock { $0.tokens.revoke(appID: appID, tenantKey: tenantKey) }
    }

    /// Changes an app's secret. Issued tokens stay valid.
    public func setSecret(_ secret: String, appID: String) {
        platform.withLock { $0.apps[appID]?.appSecret = secret }
    }

    /// Turns the bot feature of an app on or off.
    public func setBot(_ isOn: Bool, appID: String) {
        platform.withLock { $0.apps[appID]?.hasBot = isOn }
    }

    /// Sets the scopes that are granted to an app.
    public func setScopes(_ scopes: Set<String>, appID: String) {
        platform.withLock { $0.apps[appID]?.scopes = scopes }
    }

    /// Sets the addresses from which an app may call business APIs; an empty set allows all.
    public func setAllowedIPs(_ addresses: Set<String>, appID: String) {
        platform.withLock { $0.apps[appID]?.allowedIPs = addresses }
    }

    /// Sets the Verification Token of an app's events.
    public func setVerificationToken(_ token: String, appID: String) {
        platform.withLock { $0.apps[appID]?.verificationToken = token }
    }

    /// Sets the Encrypt Key of an app's events; an empty text sends them in plain text.
    public func setEncryptKey(_ key: String, appID: String) {
        platform.withLock { $0.apps[appID]?.encryptKey = key }
    }

    /// Disables or enables an app, in one tenant or, without a tenant, everywhere.
    public func setAppEnabled(_ isEnabled: Bool, appID: String, tenantKey: String? = nil) {
        platform.withLock { platform in
            guard let tenantKey else {
                platform.apps[appID]?.isEnabled = isEnabled
                return
            }
            if isEnabled {
                platform.apps[appID]?.stoppedTenantKeys.remove(tenantKey)
            } else {
                platform.apps[appID]?.stoppedTenantKeys.insert(tenantKey)
            }
            let status = isEnabled ? "start_by_tenant" : "stop_by_tenant"
            platform.push(.appStatusChange(tenantKey: tenantKey, status: status), appID: appID)
        }
        wakeup.continuation.yield()
    }

    /// Installs a store app in a tenant and pushes `app_open`.
    public func install(appID: String, tenantKey: String) {
        platform.withLock { platform in
            platform.apps[appID]?.tenantKeys.append(tenantKey)
            platform.push(.appOpen(tenantKey: tenantKey), appID: appID)
        }
        wakeup.continuation.yield()
    }

    /// Removes a store app from a tenant and pushes `app_uninstalled`.
    public func uninstall(appID: String, tenantKey: String) {
        platform.withLock { platform in
            platform.apps[appID]?.tenantKeys.removeAll { $0 == tenantKey }
            platform.push(.appUninstalled(tenantKey: tenantKey), appID: appID)
        }
        wakeup.continuation.yield()
    }

    /// Adds an app, or replaces the one with the same app_id.
    public func setApp(_ app: EmulatedApp) {
        platform.withLock { platform in
            platform.apps[app.appID] = app
            if app.kind == .store, platform.tickets[app.appID] == nil {
                platform.tickets[app.appID] = AppTickets()
            }
        }
    }

    /// Changes the choices where the documentation is silent.
    public func setBehaviour(_ change: (inout Behaviour) -> Void) {
        platform.withLock { change(&$0.behaviour) }
    }

    /// Turns quotas on or off, optionally with other limits.
    public func setQuota(enforced: Bool, _ quota: Quota? = nil) {
        platform.withLock { platform in
            platform.enforcesQuota = enforced
            platform.quota = quota ?? platform.quota
            platform.windows = QuotaWindows()
        }
    }

    /// The current app_ticket of a store app.
    public func appTicket(appID: String) -> String? {
        platform.withLock { $0.currentTicket(of: appID) }
    }
}
