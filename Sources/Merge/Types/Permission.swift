/// What a consent allows (requirement E7). The raw value is the word in schemas and on the wire.
public enum Permission: String, CaseIterable, Sendable {
  // Files.
  case viewFiles = "view_files"
  case downloadFiles = "download_files"
  case addNotes = "add_notes"
  // Professional caregivers.
  case viewAllSymptoms = "view_all_symptoms"
  case editSymptoms = "edit_symptoms"
  case generateReports = "generate_reports"
  case setReminders = "set_reminders"
  case communicateAll = "communicate_all"
  case emergencyContact = "emergency_contact"
  // Family caregivers; `edit_symptoms` is shared with the professionals.
  case viewSymptoms = "view_symptoms"
  case viewReports = "view_reports"
  case receiveNotifications = "receive_notifications"
  case communicateProfessional = "communicate_professional"

  /// What may be offered to a practitioner or a family caregiver (requirement E7): of files both all,
  /// of the rest each their own. Empty for other roles.
  public static func levels(of role: Role) -> [Permission] {
    let files: [Permission] = [.viewFiles, .downloadFiles, .addNotes]
    switch role {
    case .practitioner:
      return files + [
        .viewAllSymptoms, .editSymptoms, .generateReports, .setReminders, .communicateAll,
        .emergencyContact,
      ]
    case .family:
      return files + [
        .viewSymptoms, .editSymptoms, .viewReports, .receiveNotifications,
        .communicateProfessional,
      ]
    default: return []
    }
  }
}
