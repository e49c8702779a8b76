import { useNavigate, useSearch } from '@tanstack/react-router';

type Filters = Readonly<Record<string, string | undefined>>;

/** What a page filters by stands in its address, so that a list can be sent to a colleague and found again with "back". */
export function useFilters(): [Filters, (change: Filters) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const filters = Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  );
  const change = (more: Filters) => {
    const next = Object.fromEntries(
      Object.entries({ ...filters, ...more }).filter(([, value]) => value !== undefined && value !== ''),
    );
    void navigate({ to: '.', search: next, replace: true });
  };
  return [filters, change];
}
