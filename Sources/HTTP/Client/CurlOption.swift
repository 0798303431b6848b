/// Options of libcurl by their numbers in `curl/curl.h`, `CURLOPT_…`.
enum CurlOption {
  static let url: Int32 = 10002
  static let customRequest: Int32 = 10036
  static let httpHeader: Int32 = 10023
  static let httpGet: Int32 = 80
  static let noBody: Int32 = 44
  static let post: Int32 = 47
  static let postFields: Int32 = 10015
  static let postFieldSizeLarge: Int32 = 30120
  static let writeFunction: Int32 = 20011
  static let writeData: Int32 = 10001
  static let headerFunction: Int32 = 20079
  static let headerData: Int32 = 10029
  static let noProgress: Int32 = 43
  static let progressFunction: Int32 = 20219
  static let progressData: Int32 = 10057
  static let noSignal: Int32 = 99
  static let timeoutMilliseconds: Int32 = 155
  static let connectTimeoutMilliseconds: Int32 = 156
  static let protocols: Int32 = 181
  static let httpVersion: Int32 = 84
  static let tlsVersion: Int32 = 32
  static let authorityFile: Int32 = 10065
  static let authorityFolder: Int32 = 10097
  static let authorityBlob: Int32 = 40309
  static let pathAsIs: Int32 = 234
}

/// What `curl_easy_getinfo` is asked for, `CURLINFO_…`.
enum CurlInfo {
  static let responseCode: Int32 = 0x20_0002
  static let preTransferSeconds: Int32 = 0x30_0006
}

/// The results of a transfer that are told apart, `CURLE_…`.
enum CurlCode {
  static let ok: Int32 = 0
  static let badURL: Int32 = 3
  static let writeRefused: Int32 = 23
  static let timedOut: Int32 = 28
  static let abortedByCallback: Int32 = 42
  /// Handshake, certificate, host name, authority file, cipher and engine failures.
  static let tls: Set<Int32> = [35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98]
}
