/** Which audit records are asked for; times in epoch milliseconds, `to` excluded. */
export interface AuditFilter {
  readonly limit: number;
  readonly cursor?: string;
  /** As it stands in the record, e.g. `user:u1`. */
  readonly actor?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly resourceId?: string;
  readonly from?: number;
  readonly to?: number;
  /** Words in names, reasons and what was changed. */
  readonly q?: string;
}
