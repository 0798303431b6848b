import Testing

@testable import Terminal

@Suite struct ByteSizeTests {
  @Test(
    arguments: [
      (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
      (10_188, "9.9 KiB"), (10_189, "10 KiB"), (10_240, "10 KiB"), (1_048_063, "1023 KiB"),
      (1_048_064, "1.0 MiB"), (8 * 1024 * 1024, "8.0 MiB"), (1 << 40, "1.0 TiB"),
      (UInt64.max, "16 EiB"),
    ] as [(UInt64, String)])
  func text(byteCount: UInt64, text: String) {
    #expect(ByteSize.text(byteCount) == text)
  }
}
