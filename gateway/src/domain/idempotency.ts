/** What is kept of a write request with an `Idempotency-Key`, so that its repetition answers alike. Times in epoch milliseconds. */

/** A request's answer as it is kept for repetitions. */
export interface StoredAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Without what is shown only once. */
  readonly body: string;
}

/** A request that wants to run under its slot (principal, route and key together). */
export interface SlotClaim {
  readonly slot: string;
  readonly fingerprint: string;
  readonly now: number;
  readonly leaseUntil: number;
  readonly keepUntil: number;
}

/** `running` while another request holds the lease, `mismatch` when the fingerprint differs. */
export type ClaimedSlot =
  | { readonly state: 'new' | 'running' | 'mismatch' }
  | { readonly state: 'done'; readonly answer: StoredAnswer };
