/// One slip of the pen: a letter too many, one left out, one that is another, or two neighbours
/// swapped.
enum Slip {
  static func leads(from word: some Collection<UInt8>, to other: some Collection<UInt8>) -> Bool {
    let common = zip(word, other).prefix { $0 == $1 }.count
    let left = word.dropFirst(common)
    let right = other.dropFirst(common)
    switch left.count - right.count {
    case 1: return left.dropFirst().elementsEqual(right)
    case -1: return right.dropFirst().elementsEqual(left)
    case 0:
      if left.dropFirst().elementsEqual(right.dropFirst()) { return true }
      return left.prefix(2).reversed().elementsEqual(right.prefix(2))
        && left.dropFirst(2).elementsEqual(right.dropFirst(2))
    default: return false
    }
  }
}
