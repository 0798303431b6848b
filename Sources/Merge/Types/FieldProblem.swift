import CBOR

extension Field { func problem(with write: FieldWrite) -> String? { nil } }
