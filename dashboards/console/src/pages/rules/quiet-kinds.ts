import { type Answer, api, body } from '../../api/client.ts';

export type QuietTime = Answer<'QuietTime'>;
export type QuietScope = Omit<QuietTime['scope'], never>;
export const QUIET_KINDS = ['maintenance', 'silence', 'security', 'drill'] as const;
export type QuietKind = (typeof QUIET_KINDS)[number];

export interface QuietInput {
  readonly name: string;
  readonly reason: string;
  readonly scope: QuietScope;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly repeats?: Repeats;
  readonly repeatsUntil?: string;
  readonly confirm?: boolean;
}
export type Repeats = { readonly every: 'day' } | { readonly every: 'week' | 'month'; readonly days: number[] };

interface Page {
  readonly cursor?: string;
  readonly limit: number;
  readonly going?: boolean;
  readonly state?: QuietTime['state'];
}
const at = (id: string) => ({ params: { path: { id } } });

/** The same acts of each kind have addresses of their own. */
export const QUIET = {
  maintenance: {
    list: (query: Page) => body(api.GET('/api/v1/maintenance-windows', { params: { query } })),
    create: (input: QuietInput) => body(api.POST('/api/v1/maintenance-windows', { body: input as never })),
    preview: (input: Partial<QuietInput>) =>
      body(api.POST('/api/v1/maintenance-windows/preview', { body: input as never })),
    end: (id: string, reason: string) =>
      body(api.POST('/api/v1/maintenance-windows/{id}/end', { ...at(id), body: { reason } })),
  },
  silence: {
    list: (query: Page) => body(api.GET('/api/v1/silences', { params: { query } })),
    create: (input: QuietInput) => body(api.POST('/api/v1/silences', { body: input as never })),
    preview: (input: Partial<QuietInput>) => body(api.POST('/api/v1/silences/preview', { body: input as never })),
    end: (id: string, reason: string) => body(api.POST('/api/v1/silences/{id}/end', { ...at(id), body: { reason } })),
  },
  security: {
    list: (query: Page) => body(api.GET('/api/v1/security-periods', { params: { query } })),
    create: (input: QuietInput) => body(api.POST('/api/v1/security-periods', { body: input as never })),
    preview: (input: Partial<QuietInput>) =>
      body(api.POST('/api/v1/security-periods/preview', { body: input as never })),
    end: (id: string, reason: string) =>
      body(api.POST('/api/v1/security-periods/{id}/end', { ...at(id), body: { reason } })),
  },
  drill: {
    list: (query: Page) => body(api.GET('/api/v1/drills', { params: { query } })),
    create: (input: QuietInput) => body(api.POST('/api/v1/drills', { body: input as never })),
    preview: (input: Partial<QuietInput>) => body(api.POST('/api/v1/drills/preview', { body: input as never })),
    end: (id: string, reason: string) => body(api.POST('/api/v1/drills/{id}/end', { ...at(id), body: { reason } })),
  },
} as const;

/** Whose right it takes to make one, beside `maintenanceWindows`. */
export const MAKES: Record<QuietKind, 'create' | 'update' | 'decide'> = {
  maintenance: 'create',
  silence: 'update',
  security: 'decide',
  drill: 'decide',
};
