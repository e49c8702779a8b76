import { Typography } from 'antd';
import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { exactTime } from '../../parts/time.tsx';
import { changesOf } from './audit-diff.ts';

interface AuditRecordDetailProps {
  readonly entry: Answer<'AuditRecord'>;
  readonly filter: (more: Readonly<Record<string, string | undefined>>) => void;
}

/** One record: its facts, what changed field by field, and its place in the chain. */
export function AuditRecordDetail({ entry, filter }: AuditRecordDetailProps) {
  const { seq, at, actor, actorName, address, action, resource, resourceId, reason, hash, prevHash } = entry;
  const changes = changesOf(entry.before, entry.after);
  return (
    <div className="rules-stack">
      <dl className="two">
        <dt>{t('audit.time')}</dt>
        <dd>{exactTime(at)}</dd>
        <dt>{t('audit.who')}</dt>
        <dd>
          {actorName} <span className="quiet">{address}</span>{' '}
          <button type="button" className="as-link" onClick={() => filter({ actor, actorName })}>
            {t('audit.ofThisActor')}
          </button>
        </dd>
        <dt>{t('audit.what')}</dt>
        <dd>{tCode('auditAction', action)}</dd>
        <dt>{t('audit.object')}</dt>
        <dd>
          {tCode('auditResource', resource)} {resourceId}{' '}
          {resourceId && (
            <button type="button" className="as-link" onClick={() => filter({ resource, resourceId })}>
              {t('audit.ofThisObject')}
            </button>
          )}
        </dd>
        <dt>{t('audit.reason')}</dt>
        <dd>{reason ?? '—'}</dd>
      </dl>
      {changes.length === 0 ? (
        <p className="quiet">{t('audit.noChange')}</p>
      ) : (
        <table className="diff">
          <thead>
            <tr>
              <th>{t('audit.field')}</th>
              <th>{t('audit.before')}</th>
              <th>{t('audit.after')}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ path, before, after }) => (
              <tr key={path}>
                <td>{tCode('setting', path)}</td>
                <td className={before === null ? '' : 'gone'}>{before ?? '—'}</td>
                <td className={after === null ? '' : 'come'}>{after ?? '—'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <dl className="two quiet">
        <dt>{t('audit.place')}</dt>
        <dd>{seq}</dd>
        <dt>{t('audit.hash')}</dt>
        <dd>
          <Typography.Text code copyable={{ text: hash }}>
            {hash.slice(0, 16)}…
          </Typography.Text>
        </dd>
        <dt>{t('audit.prevHash')}</dt>
        <dd>
          <code>{prevHash.slice(0, 16)}…</code>
        </dd>
      </dl>
    </div>
  );
}
