import CommandSupport
import Foundation
import Testing

/// `satchel age`: keys, files and streams, without a home.
@Suite struct AgeTests {
  @Test func aTextGoesThrough() throws {
    try withAgeStage { age in
      let armored = try age.types("echo hello | satchel age encrypt -r $R --armor").out
      #expect(armored.hasPrefix("-----BEGIN AGE ENCRYPTED FILE-----\n"))
      #expect(armored.hasSuffix("\n-----END AGE ENCRYPTED FILE-----\n"))
      #expect(!armored.contains("hello"))
      let round = "echo hello | satchel age encrypt -r $R $A | satchel age decrypt -i key.txt"
      #expect(try age.types("A=--armor; \(round)").out == "hello\n")
      #expect(try age.types(round).out == "hello\n")
      #expect(!age.person.hasHome)
    }
  }

  @Test func aKeyFileIsReadableByItsOwnerAlone() throws {
    try withAgeStage { age in
      let attributes = try FileManager.default.attributesOfItem(atPath: age.path("key.txt"))
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      // A key is never replaced.
      let before = try String(contentsOfFile: age.path("key.txt"), encoding: .utf8)
      let again = try age.types("satchel age keygen -o key.txt", expecting: 1)
      #expect(again.err.contains("there is a file already"))
      #expect(try String(contentsOfFile: age.path("key.txt"), encoding: .utf8) == before)
      let lines = before.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines[0].hasPrefix("# created: 20"))
      #expect(lines[1] == "# public key: \(age.recipient)")
      #expect(lines[2].hasPrefix("AGE-SECRET-KEY-1"))
      // The recipient is said aside, not the key.
      let printed = try age.types("satchel age keygen")
      #expect(printed.err.hasPrefix("public key: age1"))
      #expect(!printed.err.contains("AGE-SECRET-KEY"))
    }
  }

  @Test func manyRecipientsAndKeys() throws {
    try withAgeStage { age in
      try age.types(
        """
        for n in 1 2 3; do satchel age keygen -o k$n; done
        { echo '# a team'; echo; satchel age keygen -y k2; } > team.txt
        { cat k1; echo '# another'; cat k3; } > both.txt
        echo hello > text
        satchel age encrypt -r $R -r $(satchel age keygen -y k1) -R team.txt -o text.age text
        """)
      for key in ["key.txt", "k1", "k2", "both.txt"] {
        #expect(try age.types("satchel age decrypt -i \(key) text.age").out == "hello\n")
      }
      #expect(try age.types("satchel age decrypt -i k3 -i k2 text.age").out == "hello\n")
      #expect(try age.types("satchel age decrypt -i - text.age < k2").out == "hello\n")
      try age.types("satchel age decrypt -i k3 text.age", expecting: 1)
      #expect(
        try age.types("satchel age keygen -y both.txt").out
          == age.types("satchel age keygen -y k1; satchel age keygen -y < k3").out)
    }
  }

  @Test func aPassphraseIsNeverAnArgument() throws {
    try withAgeStage { age in
      try age.types(
        "(umask 077; echo 'correct horse' > pass; echo wrong > other); echo hello > text")
      try age.types("satchel age encrypt --passphrase-file pass -o text.age text")
      #expect(try age.types("satchel age decrypt --passphrase-file pass text.age").out == "hello\n")
      let wrong = try age.types(
        "satchel age decrypt --passphrase-file other text.age", expecting: 1)
      #expect(wrong.err.contains("nothing that was given opens this age file"))
      #expect(wrong.out.isEmpty)
      try age.types("satchel age encrypt --passphrase-file pass -r $R text", expecting: 2)
      try age.types("satchel age encrypt --passphrase 'correct horse' text", expecting: 2)
    }
  }

  /// Each fault has its own words, and none of them is a success.
  @Test func faultsAreToldApart() throws {
    try withAgeStage { age in
      try age.makeFile("text", byteCount: 200_000)
      try age.types(
        """
        satchel age encrypt -r $R -o good.age text
        satchel age keygen -o other.txt
        { head -n 1 good.age; echo '-> grease'; echo; tail -n +2 good.age; } > header.age
        head -c 150000 good.age > short.age
        head -c $((16 + 65552 + $(grep -a -m 1 -b -o '^---.*$' good.age | cut -d: -f1) + 48)) \
        good.age > piece.age
        { head -c 100000 good.age; printf x; tail -c +100002 good.age; } > altered.age
        { cat good.age; printf x; } > longer.age
        { echo age-encryption.org/v2; tail -n +2 good.age; } > later.age
        """)
      var seen: Set<String> = []
      func fails(_ file: String, _ words: String, key: String = "key.txt") throws {
        let outcome = try age.types("satchel age decrypt -i \(key) \(file) > out", expecting: 1)
        #expect(outcome.err.contains("error: \(words)"), "\(file): \(outcome.transcript)")
        #expect(outcome.err.contains("\nhint: "), "\(file): \(outcome.transcript)")
        seen.insert(words)
        // What stands on standard output is a true beginning, and never all of it.
        try age.types("cmp -n $(stat -c %s out) out text && test $(stat -c %s out) -lt 200000")
        // With a name, nothing appears.
        try age.types("satchel age decrypt -i \(key) -o named \(file)", expecting: 1)
        #expect(!age.exists("named"))
      }
      try fails("text", "this is not an age file")
      try fails("good.age", "nothing that was given opens this age file", key: "other.txt")
      try fails("header.age", "the header of the age file was altered")
      try fails("altered.age", "the content of the age file was altered")
      try fails("short.age", "the content of the age file was altered, or cut short")
      try fails("piece.age", "the content of the age file is cut short")
      try fails("later.age", "this age file is of a version that is not known here")
      #expect(seen.count == 7)
      // Bytes behind the end: all of the content is there, and the exit code says what is wrong.
      let longer = try age.types(
        "satchel age decrypt -i key.txt longer.age | cmp - text", expecting: 1)
      #expect(longer.err.contains("the content of the age file was altered"))
      #expect(try age.names().allSatisfy { !$0.hasPrefix(".satchel") })
    }
  }

  @Test func keyFilesThatAreNone() throws {
    try withAgeStage { age in
      try age.types(
        """
        echo hello | satchel age encrypt -r $R -o text.age
        echo '# nothing' > empty; { echo; echo AGE-SECRET-KEY-1QQQ; } > broken
        """)
      let empty = try age.types("satchel age decrypt -i empty text.age", expecting: 1)
      #expect(empty.err.contains("error: there is no key in empty"))
      let broken = try age.types("satchel age decrypt -i broken text.age", expecting: 1)
      #expect(broken.err.contains("error: line 2 of broken is no X25519 key of age"))
      #expect(!broken.err.contains("QQQ"))
      let sealed = try age.types("satchel age decrypt -i text.age text.age", expecting: 1)
      #expect(sealed.err.contains("error: text.age is itself an age file"))
      // A secret that was typed by mistake is not repeated.
      let typed = try age.types(
        "satchel age encrypt -r $(tail -n 1 key.txt) text.age", expecting: 2)
      #expect(!typed.err.contains("AGE-SECRET-KEY-1"))
    }
  }

  @Test func commandLinesThatDoNotFit() throws {
    try withAgeStage { age in
      for line in [
        "encrypt", "encrypt -R - -", "decrypt", "decrypt -i - -", "decrypt -i key.txt a b",
        "encrypt -r age1qqq", "keygen x", "decrypt -i key.txt --passphrase-file key.txt x",
      ] {
        let outcome = try age.types("satchel age \(line) < key.txt", expecting: 2)
        #expect(outcome.out.isEmpty)
      }
    }
  }

  @Test func aFileAppearsWholeOrNotAtAll() throws {
    try withAgeStage { age in
      try age.types("echo old > taken; echo new | satchel age encrypt -r $R -o new.age")
      let taken = try age.types("satchel age decrypt -i key.txt -o taken new.age", expecting: 1)
      #expect(taken.err.contains("taken: there is a file already; --force replaces it"))
      #expect(try age.types("cat taken").out == "old\n")
      try age.types("satchel age decrypt -i key.txt --force -o taken new.age")
      #expect(try age.types("cat taken").out == "new\n")
      try age.types("satchel age decrypt -i key.txt -o /nowhere/x new.age", expecting: 1)
      #expect(try age.names() == ["key.txt", "new.age", "taken"])
    }
  }

  /// A pipe or device is written to, and never replaced, whatever is allowed.
  @Test func aPipeWithANameStaysOne() throws {
    try withAgeStage { age in
      let out = try age.types(
        """
        mkfifo pipe; echo hello | satchel age encrypt -r $R -o text.age
        cat pipe > got & satchel age decrypt -i key.txt --force -o pipe text.age && wait && cat got
        test -p pipe
        """)
      #expect(out.out == "hello\n")
    }
  }

  @Test func aReaderThatGoesAwayIsAFailure() throws {
    try withAgeStage { age in
      try age.makeFile("text", byteCount: 5_000_000)
      let cut = try age.types("satchel age encrypt -r $R text | head -c 100 > part", expecting: 1)
      #expect(cut.err == "error: standard output was closed before everything was written\n")
    }
  }

  /// What was verified is given out before the rest has come.
  @Test func verifiedPiecesStream() throws {
    try withAgeStage { age in
      try age.makeFile("text", byteCount: 300_000)
      try age.types("satchel age encrypt -r $R -o text.age text; mkfifo in")
      try age.types(
        """
        satchel age decrypt -i key.txt < in > out & exec 3> in
        head -c 150000 text.age >&3
        for n in $(seq 1000); do
          test $(stat -c %s out) -ge 131072 && early=yes && break; sleep 0.02
        done
        tail -c +150001 text.age >&3; exec 3>&-
        wait $! && cmp out text && test "$early" = yes
        """)
    }
  }

  @Test func memoryIsConstant() throws {
    try withAgeStage { age in
      // 256 MiB that take no room, as a stream.
      let measure = """
        import resource, subprocess, sys
        code = subprocess.run(["bash", "-c", sys.argv[1]]).returncode
        print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
        """
      try age.types("truncate -s 256M zeros; cat > measure.py <<'END'\n\(measure)\nEND")
      let outcome = try age.types(
        """
        export R; python3 measure.py 'satchel age encrypt -r $R < zeros > zeros.age'
        python3 measure.py 'set -o pipefail; satchel age decrypt -i key.txt < zeros.age | cmp - zeros'
        """)
      for line in outcome.out.split(separator: "\n") {
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        #expect(numbers.count == 2 && numbers[0] == 0, "\(outcome.transcript)")
        #expect(numbers.last ?? .max < 64, "MiB")
      }
    }
  }
}
