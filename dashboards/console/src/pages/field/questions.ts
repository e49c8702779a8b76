import type { QueryKey } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { useKept } from '../../parts/queue/kept.ts';
import { whole } from '../../parts/whole.ts';
import type { Ticket } from './ticket-facts.ts';

export const ticketKey = (id: string): QueryKey => ['tickets', 'one', 'field', id];

export const useTicket = (owner: string, id: string) =>
  useKept(
    owner,
    ticketKey(id),
    (): Promise<Ticket> => body(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })),
  );

export const useDevice = (owner: string, id: string | undefined) =>
  useKept(
    owner,
    ['devices', 'one', 'field', id ?? ''],
    () => body(api.GET('/api/v1/devices/{id}', { params: { path: { id: id ?? '' } } })),
    { enabled: id !== undefined, every: 30_000 },
  );

/** Causes, fault types and kinds of reports; needed without a line too. */
export const useCodes = (owner: string, module: string | null) =>
  useKept(owner, ['lists', 'codes', module ?? ''], () =>
    body(api.GET('/api/v1/ticket-codes', { params: { query: module === null ? {} : { module } } })),
  );

/** Organisations by id, for names and telephone numbers. */
export const useOrgs = (owner: string) =>
  useKept(owner, ['lists', 'orgs', 'field'], () =>
    whole((query) => body(api.GET('/api/v1/orgs', { params: { query } }))).then((items) => ({ items })),
  );

export const useSites = (owner: string) =>
  useKept(owner, ['lists', 'sites', 'field'], () =>
    whole((query) => body(api.GET('/api/v1/sites', { params: { query } }))).then((items) => ({ items })),
  );
