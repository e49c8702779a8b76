import { Link } from '@tanstack/react-router';
import { Button, Table } from 'antd';
import type { Answer } from '../api/client.ts';
import { language, t, tCode } from '../language.ts';
import { csvOf } from './csv.ts';
import { hand } from './file.ts';

type Refused = Answer<'BulkResult'>['failed'][number];

/** Why one device was left as it is, and what would help. */
function why({ code, allowed, unmet, security }: Refused): string {
  if (security !== undefined) return t('devices.refused.security', { name: security });
  if (unmet && unmet.length > 0) {
    return t('devices.refused.missing', {
      checks: unmet.map(({ zh, en }) => (language() === 'en' ? en : zh)).join(t('devices.and')),
    });
  }
  if (allowed && allowed.length > 0) {
    return t('devices.refused.allowed', {
      actions: allowed.map((name) => tCode('devices.bulk', name)).join(t('devices.and')),
    });
  }
  return tCode('devices.refused', code);
}

/** The devices of a bulk action that were left as they are, each with its reason; also as a file. */
export function Refusals({ failed }: { failed: readonly Refused[] }) {
  const save = () =>
    hand(
      csvOf([[t('devices.refused.id'), t('devices.refused.why')], ...failed.map((one) => [one.id, why(one)])]),
      'refused.csv',
    );
  return (
    <section className="refusals">
      <h3>
        {t('devices.refused', { n: failed.length })}{' '}
        <Button size="small" onClick={save}>
          {t('devices.refused.save')}
        </Button>
      </h3>
      <Table<Refused>
        size="small"
        rowKey="id"
        dataSource={failed}
        pagination={{ pageSize: 8, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          {
            title: t('devices.refused.id'),
            render: (_, { id }) => (
              <Link to="/devices/$id" params={{ id }}>
                {id}
              </Link>
            ),
          },
          { title: t('devices.refused.why'), render: (_, one) => why(one) },
        ]}
      />
    </section>
  );
}
