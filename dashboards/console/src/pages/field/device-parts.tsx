import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { useKept } from '../../parts/queue/kept.ts';
import { Ago, exactTime } from '../../parts/time.tsx';
import { useOrgs } from './questions.ts';
import { type Device, reasonWords } from './ticket-facts.ts';

/** 一机一档 in a few lines. */
export function Archive({ device, owner }: { device: Device; owner: string }) {
  const orgs = useOrgs(owner).read?.value.items ?? [];
  const orgName = (id: string | null) => (id === null ? null : (orgs.find((one) => one.id === id)?.name ?? id));
  const rows = [
    [t('field.device.code'), device.nationalCode ?? device.id],
    [t('field.device.type'), device.type],
    [t('field.device.serial'), device.serial],
    [t('field.device.org'), orgName(device.orgId)],
    [t('field.device.unit'), orgName(device.maintenanceUnitId)],
    [t('field.device.installed'), device.installedOn],
  ] as const;
  return (
    <section className="sheet">
      <h2>{t('field.device.archive')}</h2>
      <dl className="field-facts">
        {rows.map(
          ([label, value]) =>
            value && (
              <div key={label} style={{ display: 'contents' }}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
        <dt>{t('field.device.seen')}</dt>
        <dd>
          <Ago at={device.lastSeenAt} />
        </dd>
      </dl>
    </section>
  );
}

const LAST = 8;

/** What happened to it lately. */
export function Recent({ id, owner }: { id: string; owner: string }) {
  const { read } = useKept(owner, ['devices', 'timeline', 'field', id], () =>
    body(api.GET('/api/v1/devices/{id}/timeline', { params: { path: { id }, query: { limit: LAST } } })),
  );
  const items = read?.value.items ?? [];
  if (items.length === 0) return null;
  return (
    <section className="sheet">
      <h2>{t('field.device.recent')}</h2>
      <ul className="field-steps">
        {items.map((entry) => (
          <li key={`${entry.at}${entry.kind}${entry.what}`}>
            <span className="quiet">{exactTime(entry.at).slice(5, 16)}</span> {wordsOf(entry)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Words of a kind of entry: what happened is a code of this family. */
const FAMILY: Readonly<Record<string, string>> = {
  health: 'health',
  ticket: 'stage',
  lifecycle: 'lifecycle',
  incident: 'fault',
};

/** What a person on site needs of an entry; its details are on the full page. */
function wordsOf({ kind, what, reason }: Answer<'TimelineEntry'>): string {
  const family = FAMILY[kind];
  const happened = family ? tCode(family, what) : what;
  const why = reason && reason !== 'ok' ? reasonWords(reason) : '';
  return [tCode('field.happened', kind), happened, why].filter(Boolean).join(' · ');
}
