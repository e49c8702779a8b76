import { t, tCode } from '../../language.ts';
import { useNames } from '../../parts/names.ts';
import type { QuietTime } from './quiet-kinds.ts';

const MOST = 3;

/** A scope in words: all of these at once. */
export function ScopeSaid({ scope, partial }: { scope: QuietTime['scope']; partial: boolean }) {
  const sites = useNames('sites').name;
  const orgs = useNames('orgs').name;
  const modules = useNames('modules').name;
  const vendors = useNames('vendors').name;
  const own = (id: string) => id;
  const parts = [
    ['devices', scope.devices, own],
    ['sites', scope.sites, sites],
    ['orgs', scope.orgs, orgs],
    ['modules', scope.modules, modules],
    ['vendors', scope.vendors, vendors],
    ['types', scope.types, own],
    ['labels', scope.labels && Object.entries(scope.labels).map(([key, value]) => `${key}=${value}`), own],
    ['faults', scope.faults, (code: string) => tCode('fault', code)],
  ] as const;
  return (
    <span>
      {parts.flatMap(([name, ids, word]) =>
        ids && ids.length > 0
          ? [
              <span key={name} className="scope-part">
                <span className="quiet">{tCode('scopePart', name)}</span>{' '}
                {ids.slice(0, MOST).map(word).join(t('rules.and'))}
                {ids.length > MOST && ` ${t('quiet.more', { n: ids.length })}`}
              </span>,
            ]
          : [],
      )}
      {partial && <span className="quiet"> {t('quiet.partial')}</span>}
    </span>
  );
}
