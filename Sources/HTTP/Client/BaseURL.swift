import Foundation

/// A checked base URL, and the URLs under it.
struct BaseURL {
  let isSecure: Bool
  private let prefix: String

  init?(_ text: String) {
    guard BaseURL.isVisibleASCII(text), let parts = URLComponents(string: text),
      let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https",
      let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
      parts.query == nil, parts.fragment == nil
    else { return nil }
    isSecure = scheme == "https"
    prefix = String(text.reversed().drop { $0 == "/" }.reversed())
  }

  func url(path: String) -> String? {
    guard path.hasPrefix("/"), BaseURL.isVisibleASCII(path), !path.contains("#") else { return nil }
    return prefix + path
  }

  private static func isVisibleASCII(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
  }
}
