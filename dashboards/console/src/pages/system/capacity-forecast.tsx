import { Alert, Table } from 'antd';
import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { size } from './capacity-words.ts';

type Capacity = Answer<'Capacity'>;
type Year = NonNullable<Capacity['forecast']>[number];
/** What takes less than this of all is summed up in the total only. */
const WORTH_A_COLUMN = 0.02;

/** Years ahead from what was measured; a sentence where too little was. */
export function CapacityForecast({ capacity: { forecast, measuredDays, roomBytes } }: { capacity: Capacity }) {
  if (forecast === null) return <Alert type="info" showIcon title={t('capacity.tooLittle')} />;
  const last = forecast.at(-1);
  const large = (last?.areas ?? []).filter(({ bytes }) => bytes > (last?.bytes ?? 0) * WORTH_A_COLUMN);
  const of = (year: Year, name: string) => year.areas.find((area) => area.name === name)?.bytes ?? 0;
  return (
    <>
      <p className="quiet">{t('capacity.forecastHow', { days: measuredDays.toFixed(1) })}</p>
      <Table<Year>
        size="small"
        pagination={false}
        rowKey="year"
        dataSource={[...forecast]}
        columns={[
          { title: '', key: 'year', render: (_, { year }) => t('capacity.year', { n: year }) },
          ...large.map(({ name }) => ({
            title: t(`capacity.class.${name}`),
            key: name,
            align: 'right' as const,
            render: (_: unknown, year: Year) => size(of(year, name)),
          })),
          { title: t('capacity.total'), key: 'total', align: 'right', render: (_, { bytes }) => size(bytes) },
          {
            title: t('capacity.share'),
            key: 'share',
            render: (_, { bytes }) =>
              roomBytes === null ? (
                '—'
              ) : (
                <Mark
                  tone={bytes > roomBytes ? 'bad' : 'good'}
                  shape={bytes > roomBytes ? 'triangle' : 'disc'}
                  label={`${Math.round((bytes / roomBytes) * 100)}% · ${t(bytes > roomBytes ? 'capacity.tooMuch' : 'capacity.fits')}`}
                />
              ),
          },
        ]}
      />
    </>
  );
}
