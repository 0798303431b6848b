/// JSON (RFC 8259) as schemas use it: numbers are integers, keys are unique and keep their order.
enum JSONValue {
  case object([(key: String, value: JSONValue)])
  case array([JSONValue])
  case string(String)
  case integer(Int)
  case bool(Bool)
  case null
}
