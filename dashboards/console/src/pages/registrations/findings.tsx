import { Link } from '@tanstack/react-router';
import { Alert, Table } from 'antd';
import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { SmallMap } from '../../parts/map/small-map.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { exactTime } from '../../parts/time.tsx';
import { inWords } from './words.ts';

type Review = Answer<'ConstructionReview'>;
type Found = Review['review']['items'][number];
const TONE = { duplicate: 'error', review: 'warning', clear: 'success' } as const;

/** What a review found around a proposed point, as it was then. */
export function Findings({ of: { review, at } }: { of: Review }) {
  const { location, items, hidden, conclusion, azimuth, radius, angle } = review;
  const name = review.name ?? review.address ?? t('construction.unnamed');
  const numbered = items.map((item, i) => ({ ...item, sign: String(i + 1) }));
  return (
    <div className="findings">
      <div>
        <SmallMap
          lon={location.lon}
          lat={location.lat}
          name={name}
          height={280}
          zoom={18}
          azimuth={azimuth}
          around={radius}
          beside={numbered}
        />
        <p className="quiet">{t('construction.rule', { radius, angle, at: exactTime(at) })}</p>
      </div>
      <div className="findings-list">
        <Alert type={TONE[conclusion.code]} showIcon title={inWords(conclusion)} />
        {hidden > 0 && <Alert type="info" showIcon title={t('construction.hidden', { n: hidden })} />}
        {items.length > 0 && (
          <Table<Found & { sign: string }>
            size="small"
            rowKey="id"
            dataSource={numbered}
            pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
            scroll={{ x: 'max-content' }}
            columns={[
              { title: t('construction.n'), dataIndex: 'sign' },
              {
                title: t('construction.camera'),
                className: 'registrations-name',
                render: (_, { id, name: called, nationalCode }) => (
                  <>
                    <Link to="/devices/$id" params={{ id }}>
                      {called}
                    </Link>
                    {nationalCode && <div className="quiet">{nationalCode}</div>}
                  </>
                ),
              },
              {
                title: t('construction.distance'),
                align: 'end',
                render: (_, { distance }) => t('construction.metres', { n: Math.round(distance) }),
              },
              {
                title: t('construction.direction'),
                render: (_, { direction, sameDirection }) => (
                  <>
                    {direction ? inWords(direction) : t('construction.unknown')}
                    {sameDirection === true && <div className="findings-same">{t('construction.same')}</div>}
                  </>
                ),
              },
              { title: t('construction.state'), render: (_, row) => <StateMark of="health" code={row.healthState} /> },
              {
                title: t('construction.owner'),
                render: (_, { orgName, maintenanceUnit }) => (
                  <>
                    {orgName ?? '—'}
                    {maintenanceUnit && <div className="quiet">{maintenanceUnit}</div>}
                  </>
                ),
              },
              {
                title: t('construction.advice'),
                className: 'registrations-name',
                render: (_, { advice }) => inWords({ zh: advice.zh, en: advice.en }) || tCode('advice', advice.code),
              },
            ]}
          />
        )}
      </div>
    </div>
  );
}
