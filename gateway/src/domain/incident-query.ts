/** Which incidents to list; absent = all of them. */
export interface IncidentQuery {
  /** `current` = open, or over only a little while ago. */
  readonly state?: 'open' | 'resolved' | 'current';
  readonly deviceId?: string;
  readonly severity?: string;
  readonly fault?: string;
  readonly kind?: 'device' | 'group';
  readonly suppressed?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
}
