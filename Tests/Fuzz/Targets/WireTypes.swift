import Merge
import SyncProtocol

/// The types of messages, each with a function that decodes and encodes again.
enum WireTypes {
  static let recoders: [@Sendable ([UInt8]) -> Void] =
    chains + journals + sessions + joining + syncing + objects

  private static func recoder<Value: WireCodable>(
    _ type: Value.Type
  ) -> @Sendable ([UInt8]) -> Void {
    { _ = recoded($0, type) }
  }

  private static let chains = [
    recoder(ChainPoint.self), recoder(ChainReference.self), recoder(SignedChainHead.self),
    recoder(DeviceCertificate.self), recoder(ServerCertificate.self), recoder(ChainPart.self),
    recoder(ChainPartRequest.self), recoder(ChainRequest.self), recoder(ChainResponse.self),
    recoder(ChainAppendRequest.self), recoder(AccountRequest.self),
    recoder(KitWaiting.self), recoder(ChainMerge.self), recoder(KitCode.self),
    recoder(AuthorityReference.self), recoder(StatementSubject.self),
  ]

  private static let journals = [
    recoder(JournalPoint.self), recoder(SeenHeads.self), recoder(JournalSignature.self),
    recoder(JournalSegment.self), recoder(Refusal.self), recoder(SignedLogHead.self),
    recoder(JournalRequest.self), recoder(JournalResponse.self),
  ]

  private static let sessions = [
    recoder(ServerInfo.self), recoder(ChallengeRequest.self), recoder(Challenge.self),
    recoder(SessionRequest.self), recoder(SessionGrant.self),
  ]

  private static let joining = [
    recoder(InvitationRequest.self), recoder(InvitationState.self), recoder(InvitationList.self),
    recoder(InvitationAcceptance.self), recoder(EnrolmentRequest.self),
    recoder(EnrolmentList.self), recoder(EnrolmentQuery.self), recoder(EnrolmentResult.self),
    recoder(EnrolmentApproval.self), recoder(EnrolmentAnswer.self), recoder(HandedHeads.self),
  ]

  private static let syncing = [
    recoder(FeedRequest.self), recoder(FeedResponse.self), recoder(MovedSpace.self),
    recoder(PullRequest.self), recoder(PushItem.self), recoder(PushRequest.self),
    recoder(PushVerdict.self), recoder(PushResponse.self), recoder(PurgeReport.self),
    recoder(DigestRequest.self), recoder(DigestResponse.self), recoder(ReceiptsRequest.self),
    recoder(ReceiptsResponse.self),
  ]

  private static let objects = [
    recoder(WrapOwner.self), recoder(WrapsRequest.self), recoder(WrapsFetchRequest.self),
    recoder(WrapsFetchResponse.self), recoder(BlobsMissingRequest.self),
    recoder(BlobsMissingResponse.self), recoder(BlobsPutRequest.self),
    recoder(BlobsFetchRequest.self), recoder(BlobsFetchResponse.self),
  ]
}
