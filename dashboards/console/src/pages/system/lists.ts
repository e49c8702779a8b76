import { useQuery } from '@tanstack/react-query';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';

type Org = Answer<'Org'>;
const PAGE = 500;
/** More than this is not one street. */
const PAGES = 20;
const LONG = 5 * 60_000;

/** All pages of a list that is needed whole: a tree, a choice. */
async function whole<Row>(
  read: (cursor: string | undefined) => Promise<{ items: Row[]; nextCursor: string | null }>,
): Promise<Row[]> {
  const all: Row[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const { items, nextCursor } = await read(cursor);
    all.push(...items);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return all;
}

/** All areas and departments; maintenance units have a list of their own. */
export function useOrgs() {
  return useQuery({
    queryKey: ['lists', 'orgs'],
    queryFn: () =>
      whole<Org>((cursor) =>
        body(api.GET('/api/v1/orgs', { params: { query: { limit: PAGE, ...(cursor && { cursor }) } } })),
      ),
    select: (all) => all.filter(({ kind }) => kind !== 'maintenance'),
    staleTime: LONG,
  });
}

interface Person {
  readonly id: string;
  readonly name: string;
  readonly username: string;
}

/** People with an account, those who may be chosen; nobody for whom the list is closed. */
export function usePeople(): { readonly all: readonly Person[]; readonly name: (id: string | null) => string } {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['lists', 'people', 'all'],
    queryFn: () =>
      whole((cursor) =>
        body(api.GET('/api/v1/users', { params: { query: { limit: PAGE, ...(cursor && { cursor }) } } })),
      ),
    staleTime: LONG,
    enabled: may('users', 'read'),
  });
  const all = data ?? [];
  return {
    all: all.filter(({ disabled }) => !disabled),
    name: (id) => {
      if (id === null) return '';
      return all.find((one) => one.id === id)?.name ?? (may('users', 'read') ? id : t('people.unnamed'));
    },
  };
}

/** Who may be put on duty; whoever keeps the roster needs no right to the list of accounts. */
export function useRosterPeople(): {
  readonly all: readonly Answer<'RosterPerson'>[];
  readonly name: (id: string | null) => string;
} {
  const { data } = useQuery({
    queryKey: ['lists', 'rosters', 'people'],
    queryFn: () => body(api.GET('/api/v1/rosters/people')),
    staleTime: LONG,
  });
  const all = data?.items ?? [];
  return {
    all: all.filter(({ mayServe }) => mayServe),
    name: (id) => {
      if (id === null) return '';
      return all.find((one) => one.id === id)?.name ?? (data ? t('people.unnamed') : '');
    },
  };
}
