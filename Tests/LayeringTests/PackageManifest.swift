/// What Package.swift declares.
enum PackageManifest {
  /// The modules of this package, as against those of the toolchain.
  static let modules = Set(TargetGraph.allowed.values.joined())
    .union(TargetGraph.allowed.keys)
    .subtracting(["Foundation", "Glibc", "Dispatch", "Synchronization"])

  /// The dependencies of each target that is no test and no C library.
  static func dependencies(_ manifest: String) -> [String: Set<String>] {
    let target =
      #/(?:module|program)\(\s*"(?<name>[^"]+)"(?:,\s*\[(?<list>[^\]]*)\])?/#
    let schemas = #/\.target\(\s*name: "(?<name>[^"]+)", dependencies: \[(?<list>[^\]]*)\]/#
    var result: [String: Set<String>] = [:]
    for match in manifest.matches(of: target) {
      result[String(match.name)] = names(match.list ?? "")
    }
    for match in manifest.matches(of: schemas) { result[String(match.name)] = names(match.list) }
    return result
  }

  private static func names(_ list: Substring) -> Set<String> {
    Set(list.matches(of: #/"([^"]+)"/#).map { String($0.1) })
  }
}
