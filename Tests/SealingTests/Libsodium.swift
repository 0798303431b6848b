import Foundation
import Signing

/// libsodium's own functions, found by name, to compare ours with.
enum Libsodium {
  private typealias SealOpen =
    @convention(c) (
      UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, UInt64, UnsafePointer<UInt8>,
      UnsafePointer<UInt8>
    ) -> Int32
  private typealias Seal =
    @convention(c) (
      UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, UInt64, UnsafePointer<UInt8>
    ) -> Int32
  private typealias Hash =
    @convention(c) (
      UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, UInt64
    ) -> Int32

  private static func function<Function>(_ name: String, as: Function.Type) -> Function {
    Sodium.prepare()
    guard let address = dlsym(nil, name) else { preconditionFailure("no function \(name)") }
    return unsafeBitCast(address, to: Function.self)
  }

  static func sealOpen(_ box: [UInt8], publicKey: [UInt8], secret: [UInt8]) -> [UInt8]? {
    var plaintext = [UInt8](repeating: 0, count: box.count - 48 + 1)
    let open = function("crypto_box_seal_open", as: SealOpen.self)
    guard open(&plaintext, box, UInt64(box.count), publicKey, secret) == 0 else { return nil }
    return Array(plaintext.dropLast())
  }

  static func seal(_ plaintext: [UInt8], to publicKey: [UInt8]) -> [UInt8] {
    var box = [UInt8](repeating: 0, count: plaintext.count + 48)
    let seal = function("crypto_box_seal", as: Seal.self)
    let result = seal(&box, plaintext, UInt64(plaintext.count), publicKey)
    precondition(result == 0)
    return box
  }

  static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    _ = function("crypto_hash_sha256", as: Hash.self)(&digest, bytes, UInt64(bytes.count))
    return digest
  }
}
