enum M { static let a = PackageResources.V1_tenants_sql }
