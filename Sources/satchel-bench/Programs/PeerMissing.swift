/// What a row is compared with cannot be had on this machine: the row is left out, and says so.
struct PeerMissing: Error, CustomStringConvertible {
  let name: String

  var description: String { "\(name) is not installed here" }
}
