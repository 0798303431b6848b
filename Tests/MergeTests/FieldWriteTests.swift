import Merge
import Testing

struct FieldWriteTests {
  @Test(arguments: [
    ("title", "title", nil), ("labels/urgent", "labels", "urgent"), ("labels/a/b", "labels", "a/b"),
    ("labels/", "labels", ""), ("/labels", "", "labels"), ("//a", "", "/a"), ("", "", nil),
  ])
  func aKeyIsAFieldAndPerhapsAnElement(key: String, field: String, element: String?) {
    let write = FieldWrite(key: key, value: true)
    #expect(write.field == field)
    #expect(write.element == element)
  }
}
