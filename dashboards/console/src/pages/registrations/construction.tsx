import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago } from '../../parts/time.tsx';
import { Decision } from './decide-review.tsx';
import { Findings } from './findings.tsx';
import { NewReview } from './new-review.tsx';
import './registrations.css';
import './construction.css';

type Review = Answer<'ConstructionReview'>;
export const VERDICT = {
  duplicate: ['bad', 'square'],
  review: ['warning', 'triangle'],
  clear: ['good', 'disc'],
} as const;

/** Whether a camera that somebody wants to build stands there already. */
export default function Construction() {
  const may = useMay();
  const [filters, change] = useFilters();
  const open = filters.lon !== undefined || filters.new !== undefined;
  const close = () => change(Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])));
  return (
    <Page
      title={t('construction.title')}
      guide="registration"
      actions={
        may('cameras', 'operate') &&
        !open && (
          <Button type="primary" onClick={() => change({ new: '1' })}>
            {t('construction.new')}
          </Button>
        )
      }
    >
      {open && may('cameras', 'operate') && <NewReview close={close} />}
      <ServerTable<Review>
        of={['lists', 'construction']}
        read={(page) => body(api.GET('/api/v1/cameras/duplicate-construction', { params: { query: page } }))}
        limit={20}
        rowKey="id"
        unfolded={(row) => <Findings of={row} />}
        empty={{
          title: t('construction.empty'),
          next: may('cameras', 'operate') && !open && (
            <Button onClick={() => change({ new: '1' })}>{t('construction.new')}</Button>
          ),
        }}
        columns={[
          { title: t('construction.no'), dataIndex: 'no' },
          {
            title: t('construction.point'),
            className: 'registrations-name',
            render: (_, { review }) => (
              <>
                {review.name ?? review.address ?? t('construction.unnamed')}
                <div className="quiet">{`${review.location.lat.toFixed(6)}, ${review.location.lon.toFixed(6)}`}</div>
              </>
            ),
          },
          { title: t('construction.applicant'), render: (_, { review }) => review.applicant },
          {
            title: t('construction.purpose'),
            className: 'registrations-name',
            render: (_, { review }) => review.purpose,
          },
          {
            title: t('construction.verdict'),
            render: (_, { review: { conclusion } }) => (
              <Mark
                tone={VERDICT[conclusion.code][0]}
                shape={VERDICT[conclusion.code][1]}
                label={tCode('construction.verdict', conclusion.code)}
              />
            ),
          },
          {
            title: t('construction.inReach'),
            align: 'end',
            render: (_, { review }) => review.items.length + review.hidden,
          },
          {
            title: t('construction.by'),
            render: (_, { at, byName }) => (
              <>
                <Ago at={at} />
                <div className="quiet">{byName}</div>
              </>
            ),
          },
          { title: t('construction.decision'), render: (_, row) => <Decision of={row} /> },
          ...(may('cameras', 'export')
            ? [
                {
                  title: t('construction.paper'),
                  render: (_: unknown, { id }: Review) => (
                    <Link to="/construction/$id/print" params={{ id }}>
                      {t('construction.print')}
                    </Link>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Page>
  );
}
