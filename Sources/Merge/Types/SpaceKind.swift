/// What a space is for; decides who is a member, which record types it holds and who makes its keys.
public enum SpaceKind: String, CaseIterable, Sendable {
  case vault
  case assignment
  case engagement
  case casework
  case team
  case directory
  case inbox
}
