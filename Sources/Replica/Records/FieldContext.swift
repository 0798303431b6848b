import CBOR
import Merge
import SyncProtocol

/// What a sealed value is bound to: it opens in no other space, record or field, under no other epoch,
/// and as nobody else's.
struct FieldContext {
  let space: SpaceID
  let type: String
  let record: RecordID
  /// The register's key.
  let key: String
  let epoch: EpochID
  let author: AccountID

  /// CBOR of suite, space, type, record, field, epoch, author's account (design §7).
  var associatedData: [UInt8] {
    var writer = CBORWriter(capacity: 128 + type.utf8.count + key.utf8.count)
    writer.array(count: 7)
    writer.unsigned(Domain.suite)
    writer.id(space)
    writer.text(type)
    writer.id(record)
    writer.text(key)
    writer.id(epoch)
    writer.id(author)
    return writer.bytes
  }
}
