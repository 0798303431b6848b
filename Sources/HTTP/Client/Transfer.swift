import CLibCurl

/// What one running request has received. Only the thread that performs it touches it.
final class Transfer {
  private let byteCountMax: Int
  private let isClosed: () -> Bool
  private(set) var headers = HTTPHeaders()
  private var headerByteCount = 0
  /// libcurl takes a connection that ends within the header section for the end of the response.
  private(set) var isHeaderSectionWhole = false
  private(set) var body: [UInt8] = []

  init(byteCountMax: Int, isClosed: @escaping () -> Bool) {
    self.byteCountMax = byteCountMax
    self.isClosed = isClosed
  }

  /// One line of the header section; false when it is too long.
  fileprivate func takeHeaderLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
    headerByteCount += bytes.count
    guard headerByteCount <= HTTPClient.responseHeaderByteCountMax else { return false }
    let line = String(decoding: bytes, as: UTF8.self)
    guard body.isEmpty else { return true }  // The trailer of a chunked body.
    // An interim answer (100) comes first, with fields of its own; the last status line counts.
    if line.hasPrefix("HTTP/") {
      headers = HTTPHeaders()
      isHeaderSectionWhole = false
    }
    if line == "\r\n" || line == "\n" { isHeaderSectionWhole = true }
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return true }
    headers.append(
      String(line[..<colon]), Transfer.trimmed(line[line.utf8.index(after: colon)...]))
    return true
  }

  private static func trimmed(_ text: Substring) -> String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool { " \t\r\n".unicodeScalars.contains(scalar) }
    let rest = text.unicodeScalars.drop(while: isSpace)
    guard let last = rest.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(rest[...last])
  }

  /// A piece of the body; false when it passes the limit.
  fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= byteCountMax - body.count else { return false }
    body.append(contentsOf: bytes)
    return true
  }

  /// Lets libcurl call this object. It has to outlive the transfer.
  func attach(to handle: UnsafeMutableRawPointer) {
    let pointer = Unmanaged.passUnretained(self).toOpaque()
    satchel_curl_set_pointer(handle, CURLOPT_WRITEDATA, pointer)
    satchel_curl_set_pointer(handle, CURLOPT_HEADERDATA, pointer)
    satchel_curl_set_pointer(handle, CURLOPT_XFERINFODATA, pointer)
    satchel_curl_set_number(handle, CURLOPT_NOPROGRESS, 0)
    satchel_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, transfer in
      let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return Transfer.from(transfer).takeBody(piece) ? piece.count : 0
    }
    satchel_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, transfer in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return Transfer.from(transfer).takeHeaderLine(line) ? line.count : 0
    }
    // Called at least once a second; anything but 0 ends the transfer.
    satchel_curl_set_progress(handle, CURLOPT_XFERINFOFUNCTION) { transfer, _, _, _, _ in
      Transfer.from(transfer).isClosed() ? 1 : 0
    }
  }

  private static func from(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
    guard let pointer else { preconditionFailure("libcurl lost its argument") }
    return Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
  }
}
