import CommandSupport
import Foundation
import TestSupport
import Testing

/// `satchel age` with Debian's age, both ways, and with the vectors that others wrote.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/age"), "no age program"))
struct AgeInteroperationTests {
  @Test(arguments: AgeStage.byteCounts)
  func bothWays(byteCount: Int) throws {
    try withAgeStage { age in
      try age.makeFile("text", byteCount: byteCount)
      let armor = byteCount < 1 << 20 && !byteCount.isMultiple(of: 2) ? "-a" : ""
      try age.types(
        """
        satchel age keygen -o k2; R2=$(satchel age keygen -y k2)
        satchel age encrypt \(armor) -r $R -r $R2 text | age -d -i k2 | cmp - text &&
        age \(armor) -r $R -r $R2 text | satchel age decrypt -i key.txt | cmp - text &&
        satchel age encrypt -r $R -o one.age text && age -d -i key.txt one.age | cmp - text &&
        age -r $R -o two.age text && satchel age decrypt -i key.txt -o two two.age && cmp two text
        """)
    }
  }

  @Test func keyFilesGoBothWays() throws {
    try withAgeStage { age in
      let outcome = try age.types(
        """
        age-keygen -o theirs.txt 2> said
        test "$(satchel age keygen -y theirs.txt)" = "$(age-keygen -y theirs.txt)" &&
        test "$(age-keygen -y key.txt)" = $R &&
        cat theirs.txt key.txt > both.txt &&
        test "$(satchel age keygen -y both.txt)" = "$(age-keygen -y both.txt)" &&
        age-keygen -y both.txt > recipients.txt &&
        echo hello | satchel age encrypt -R recipients.txt | age -d -i theirs.txt &&
        echo hello | age -R recipients.txt | satchel age decrypt -i both.txt
        """)
      #expect(outcome.out == "hello\nhello\n")
    }
  }

  /// The tool takes passphrases from a terminal only, so it gets one.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
  func passphrasesGoBothWays() throws {
    let script = """
      import os, pty, sys
      pid, terminal = pty.fork()
      if pid == 0:
          os.execvp("age", ["age"] + sys.argv[1:])
      asked = 0
      try:
          while data := os.read(terminal, 1024):
              for _ in range(data.count(b"passphrase")):
                  asked += 1
                  os.write(terminal, b"correct horse\\n")
      except OSError:
          pass
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """
    try withAgeStage { age in
      try age.makeFile("text", byteCount: 100_000)
      try age.types(
        "(umask 077; echo 'correct horse' > pass); cat > typed.py <<'END'\n\(script)\nEND")
      try age.types(
        """
        satchel age encrypt --passphrase-file pass -o ours.age text &&
        python3 typed.py -d -o ours ours.age && cmp ours text &&
        python3 typed.py -p -a -o theirs.age text &&
        satchel age decrypt --passphrase-file pass theirs.age | cmp - text
        """)
    }
  }

  // MARK: Vectors

  /// What the command says for each outcome that a vector names; none of them fits two.
  private static let words = [
    "no match": ["nothing that was given opens"],
    "HMAC failure": ["header of the age file was altered"],
    "header failure": [
      "this is not an age file", "version that is not known", "header of the age file is damaged",
      "more work for its passphrase",
    ],
    "armor failure": ["armor of the age file is damaged"],
    "payload failure": ["content of the age file"],
  ]

  /// Not through the command: their armor begins with something that is none, and they are taken for
  /// what they are not.
  private static let unrecognised: Set = ["armor_garbage_leading"]

  @Test(.enabled(if: Vectors.isPresent("age"), "\(Vectors.notice)"))
  func vectorsThroughTheCommand() throws {
    try withAgeStage { age in
      let folder = Vectors.root.appending(path: "age")
      var count = 0
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
        let bytes = try Data(contentsOf: folder.appending(path: name))
        guard let end = bytes.firstRange(of: Data("\n\n".utf8)) else { continue }
        var fields: [String: [String]] = [:]
        for line in String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\n")
        {
          let parts = line.split(separator: ":", maxSplits: 1)
          fields[String(parts[0]), default: []].append(
            parts[1].trimmingCharacters(in: .whitespaces))
        }
        // Those that need a second of work each, or to be unpacked, run in SealingTests.
        guard fields["compressed"] == nil, fields["passphrase"] == nil,
          !Self.unrecognised.contains(name), let expected = fields["expect"]?.first
        else { continue }
        try bytes[end.upperBound...].write(to: URL(filePath: age.path("vector")))
        let identities = try fields["identity"] ?? [age.types("tail -n 1 key.txt").out]
        try Data(identities.joined(separator: "\n").utf8)
          .write(to: URL(filePath: age.path("identities")))
        let succeeds = expected == "success"
        let outcome = try age.types(
          "satchel age decrypt -i identities vector > out; code=$?; sha256sum out; exit $code",
          expecting: succeeds ? 0 : 1)
        let hash = String(outcome.out.prefix(64))
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(hash == fields["payload"]?.first ?? empty, "\(name)")
        if !succeeds {
          let words = try #require(Self.words[expected])
          #expect(words.contains { outcome.err.contains($0) }, "\(name): \(outcome.transcript)")
        }
        count += 1
      }
      #expect(count >= 50)
    }
  }
}
