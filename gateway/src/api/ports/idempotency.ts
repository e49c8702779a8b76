import type { ClaimedSlot, SlotClaim, StoredAnswer } from '../../domain/idempotency.ts';

export interface IdempotencyPort {
  /** Claims the slot. `running` while another request holds the lease, `mismatch` when the fingerprint differs. */
  begin(claim: SlotClaim): Promise<ClaimedSlot>;
  finish(slot: string, answer: StoredAnswer): Promise<void>;
  /** The request failed on our side: the next one with this key runs afresh. */
  abandon(slot: string): Promise<void>;
}
