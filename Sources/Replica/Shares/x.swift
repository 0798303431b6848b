import Sealing
extension Replica { func passOn(_ v: SealedVersion, key: FileKey) throws -> Int { 0 } }
