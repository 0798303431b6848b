/// An identifier that is nothing but its bytes, in a type of its own so that no other kind of
/// identifier can stand in its place.
public protocol Identifier: FixedBytes {
  associatedtype Storage: FixedBytes

  init(storage: Storage)

  var storage: Storage { get }
}

// Inlinable, so that a module which knows the type does not go through the protocol at run time.
extension Identifier {
  @inlinable public static var byteCount: Int { Storage.byteCount }

  @inlinable public init?(_ bytes: some Collection<UInt8>) {
    guard let storage = Storage(bytes) else { return nil }
    self.init(storage: storage)
  }

  @inlinable public var bytes: [UInt8] { storage.bytes }

  @inlinable public func append(to bytes: inout [UInt8]) { storage.append(to: &bytes) }

  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.storage < right.storage
  }
}
