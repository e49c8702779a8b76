import { t, tCode } from '../../language.ts';
import type { Code, Family } from './codes.tsx';
import type { TypeEntry } from './definition.ts';

type Rows = readonly (readonly string[])[];
type ModuleName = (id: string) => string;

const head = (entry: TypeEntry, module: ModuleName) => [entry.id, entry.title.zh, entry.title.en, module(entry.module)];
const HEAD = () => [t('dictionary.type'), t('dictionary.type.zh'), t('dictionary.type.en'), t('dictionary.module')];

/** Tables as they leave as CSV: one line a metric, an alarm, a code. */
export function metricRows(entries: readonly TypeEntry[], module: ModuleName): Rows {
  return [
    [
      ...HEAD(),
      t('dictionary.metric'),
      t('dictionary.zh'),
      t('dictionary.en'),
      t('dictionary.kind'),
      t('dictionary.unit'),
      t('dictionary.range'),
      t('dictionary.fresh'),
      t('dictionary.required'),
      t('dictionary.values'),
      t('dictionary.thresholds'),
      t('dictionary.sourceHead'),
    ],
    ...entries.flatMap((entry) =>
      entry.metrics.map((metric) => [
        ...head(entry, module),
        metric.code,
        metric.zh,
        metric.en,
        t(`dictionary.kind.${metric.kind}`),
        metric.unit,
        metric.range,
        metric.fresh,
        metric.required ? t('dictionary.yes') : '',
        metric.values.map(([value, { zh, en }]) => `${value}=${zh}/${en}`).join('; '),
        metric.alarms.map(({ zh, when }) => `${zh}: ${when ?? ''}`).join('; '),
        entry.source,
      ]),
    ),
  ];
}

export function alarmRows(entries: readonly TypeEntry[], module: ModuleName): Rows {
  return [
    [
      ...HEAD(),
      t('dictionary.code'),
      t('dictionary.zh'),
      t('dictionary.en'),
      t('dictionary.severity'),
      t('dictionary.lifeSafety'),
      t('dictionary.when'),
      t('dictionary.hold'),
      t('dictionary.clear'),
      t('dictionary.advice'),
    ],
    ...entries.flatMap((entry) =>
      entry.alarms.map((alarm) => [
        ...head(entry, module),
        alarm.code,
        alarm.zh,
        alarm.en,
        alarm.severity && tCode('severity', alarm.severity),
        alarm.lifeSafety ? t('dictionary.yes') : '',
        alarm.when ?? t('dictionary.reported'),
        alarm.hold,
        alarm.clear,
        alarm.advice?.zh ?? '',
      ]),
    ),
  ];
}

export const codeRows = (families: readonly { family: Family; codes: readonly Code[] }[]): Rows => [
  [t('dictionary.family'), t('dictionary.code'), t('dictionary.zh'), t('dictionary.en')],
  ...families.flatMap(({ family, codes }) =>
    codes.map(({ code, zh, en }) => [t(`dictionary.family.${family}`), code, zh, en]),
  ),
];
