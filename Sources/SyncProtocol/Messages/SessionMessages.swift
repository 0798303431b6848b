import CBOR
import Merge
import Signing

/// Asks for something to sign.
public struct ChallengeRequest: Hashable, WireCodable {
  public let account: AccountID
  public let device: DeviceID

  public init(account: AccountID, device: DeviceID) {
    self.account = account
    self.device = device
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(account)
    writer.id(device)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "challenge request")
    account = try reader.id()
    device = try reader.id()
  }
}

/// What a device signs to open a session. Good once, for a minute.
public struct Challenge: Hashable, WireCodable {
  /// 32 random bytes.
  public let nonce: [UInt8]
  /// The server's time, milliseconds since 1970: the writer clamps from here on.
  public let timeMilliseconds: UInt64

  public init(nonce: [UInt8], timeMilliseconds: UInt64) {
    self.nonce = nonce
    self.timeMilliseconds = timeMilliseconds
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.bytes(nonce)
    writer.unsigned(timeMilliseconds)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "challenge")
    nonce = try reader.bytes(max: 32)
    timeMilliseconds = try reader.milliseconds()
  }
}

/// Opens a session with the signed challenge.
public struct SessionRequest: Hashable, WireCodable {
  public let account: AccountID
  public let device: DeviceID
  public let scope: SessionScope
  public let nonce: [UInt8]
  /// By the identity key (full) or the transport key (pull), over ``message(server:)``.
  public let signature: Signature

  public init(
    account: AccountID, device: DeviceID, scope: SessionScope, nonce: [UInt8], signature: Signature
  ) {
    self.account = account
    self.device = device
    self.scope = scope
    self.nonce = nonce
    self.signature = signature
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 5)
    writer.id(account)
    writer.id(device)
    writer.word(scope)
    writer.bytes(nonce)
    writer.octets(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(5, "session request")
    account = try reader.id()
    device = try reader.id()
    scope = try reader.word()
    nonce = try reader.bytes(max: 32)
    signature = try reader.signature()
  }
}

/// An open session.
public struct SessionGrant: Hashable, WireCodable {
  /// Sent as `Authorization: Bearer …`.
  public let token: String
  /// Milliseconds since 1970.
  public let expiresMilliseconds: UInt64
  public let timeMilliseconds: UInt64

  public init(token: String, expiresMilliseconds: UInt64, timeMilliseconds: UInt64) {
    self.token = token
    self.expiresMilliseconds = expiresMilliseconds
    self.timeMilliseconds = timeMilliseconds
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.text(token)
    writer.unsigned(expiresMilliseconds)
    writer.unsigned(timeMilliseconds)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "session grant")
    token = try reader.text(max: 128)
    expiresMilliseconds = try reader.milliseconds()
    timeMilliseconds = try reader.milliseconds()
  }
}
