import Signing
import Testing

@Suite struct SecretBytesTests {
  @Test func startsAsZeros() {
    let secret = SecretBytes(count: 33)
    let bytes = secret.withUnsafeBytes { [UInt8]($0) }
    #expect(bytes == [UInt8](repeating: 0, count: 33))
  }

  @Test func randomFillsEveryByte() {
    let secret = SecretBytes(count: 5, random: FixedRandom(pattern: [1, 2, 3]))
    let bytes = secret.withUnsafeBytes { [UInt8]($0) }
    #expect(bytes == [1, 2, 3, 1, 2])
  }

  @Test func systemRandomDiffers() {
    let first = SecretBytes(count: 32, random: SystemRandom())
    let second = SecretBytes(count: 32, random: SystemRandom())
    let isSame = first == second
    #expect(!isSame)
  }

  @Test func copyingLeavesTheSource() {
    let source: [UInt8] = [9, 8, 7]
    let secret = SecretBytes(copying: source)
    let bytes = secret.withUnsafeBytes { [UInt8]($0) }
    #expect(bytes == [9, 8, 7])
    #expect(source == [9, 8, 7])
  }

  @Test func movingWipesTheSource() {
    var source: [UInt8] = [9, 8, 7]
    let secret = SecretBytes(moving: &source)
    let bytes = secret.withUnsafeBytes { [UInt8]($0) }
    #expect(bytes == [9, 8, 7])
    #expect(source == [0, 0, 0])
  }

  @Test func movingOutOfABufferWipesIt() {
    let source = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
    defer { source.deallocate() }
    source.copyBytes(from: [9, 8, 7])
    let secret = SecretBytes(moving: source)
    let isMoved = secret == SecretBytes(copying: [9, 8, 7])
    #expect(isMoved)
    #expect([UInt8](source) == [0, 0, 0])
  }

  @Test func wipeZeroes() {
    var secret = SecretBytes(count: 8, random: FixedRandom(pattern: [255]))
    secret.wipe()
    let bytes = secret.withUnsafeBytes { [UInt8]($0) }
    #expect(bytes == [UInt8](repeating: 0, count: 8))
  }

  @Test func copyIsIndependent() {
    let original = SecretBytes(count: 4, random: FixedRandom(pattern: [1]))
    var copy = original.copy()
    let wasEqual = original == copy
    copy.withUnsafeMutableBytes { $0[3] = 2 }
    let isEqual = original == copy
    let isDifferent = original != copy
    #expect(wasEqual)
    #expect(!isEqual)
    #expect(isDifferent)
  }

  @Test func lengthsThatDifferAreUnequal() {
    let short = SecretBytes(count: 3)
    let long = SecretBytes(count: 4)
    let isEqual = short == long
    #expect(!isEqual)
  }

  @Test func emptyIsPossible() {
    let first = SecretBytes(count: 0)
    let second = SecretBytes(copying: UnsafeRawBufferPointer(start: nil, count: 0))
    let isEqual = first == second
    #expect(isEqual)
  }
}
