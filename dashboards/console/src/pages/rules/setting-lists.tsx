import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { DurationInput } from './duration-input.tsx';

type Settings = Answer<'Settings'>;
type Limit = NonNullable<Settings['ticketLimits']>[number];
type Step = NonNullable<Settings['escalation']>[number];

interface ListInputProps {
  readonly value: unknown;
  readonly label: string;
  readonly onChange: (value: unknown) => void;
}
const PRIORITIES = ['critical', 'urgent', 'normal'] as const;
const STAGES = ['dispatched', 'handling', 'verifying'] as const;
const COUNTS = ['working', 'workingDays', 'always'] as const;
const STEPS = ['auto', 'decide', 'off'] as const;

/** Limits of stages that differ from the shipped ones. */
export function LimitsInput({ value, label, onChange }: ListInputProps) {
  const rows = (Array.isArray(value) ? value : []) as Limit[];
  return (
    <Rows<Limit> rows={rows} label={label} fresh={{ stage: 'handling', limit: '24h' }} onChange={onChange}>
      {(row, set, name) => (
        <>
          <About row={row} set={set} name={name} />
          <Choice
            label={`${name} ${t('settings.stage')}`}
            family="stage"
            codes={STAGES}
            value={row.stage}
            onChange={(stage) => stage && set({ ...row, stage })}
          />
          <DurationInput
            label={`${name} ${t('settings.limit')}`}
            value={row.limit}
            units={['m', 'h', 'd']}
            onChange={(limit) => limit && set({ ...row, limit })}
          />
          <Choice
            label={`${name} ${t('settings.counts')}`}
            family="counts"
            codes={COUNTS}
            value={row.counts}
            clear
            onChange={(counts) => set(put(row, 'counts', counts))}
          />
        </>
      )}
    </Rows>
  );
}

/** How tickets past their limit go up. */
export function EscalationInput({ value, label, onChange }: ListInputProps) {
  const rows = (Array.isArray(value) ? value : []) as Step[];
  return (
    <Rows<Step>
      rows={rows}
      label={label}
      fresh={{ centre: 'decide', centreAfter: '4h', leader: 'decide', leaderAfter: '8h' }}
      onChange={onChange}
    >
      {(row, set, name) => (
        <>
          <About row={row} set={set} name={name} />
          {(['centre', 'leader'] as const).map((who) => (
            <span key={who} className="setting-pair">
              <span className="quiet">{tCode('told', who)}</span>
              <Choice
                label={`${name} ${tCode('told', who)}`}
                family="step"
                codes={STEPS}
                value={row[who]}
                onChange={(how) => how && set({ ...row, [who]: how })}
              />
              {row[who] !== 'off' && (
                <DurationInput
                  label={`${name} ${tCode('told', who)} ${t('settings.after')}`}
                  value={row[`${who}After`]}
                  units={['m', 'h', 'd']}
                  onChange={(after) => after && set({ ...row, [`${who}After`]: after })}
                />
              )}
            </span>
          ))}
          <span className="setting-pair">
            <span className="quiet">{t('settings.decideWithin')}</span>
            <DurationInput
              label={`${name} ${t('settings.decideWithin')}`}
              value={row.decideWithin ?? null}
              units={['m', 'h', 'd']}
              onChange={(after) => set(put(row, 'decideWithin', after ?? undefined))}
            />
          </span>
        </>
      )}
    </Rows>
  );
}

/** The row with a field, or without it. */
function put<Row extends object>(row: Row, name: keyof Row & string, value: unknown): Row {
  const rest = Object.fromEntries(Object.entries(row).filter(([key]) => key !== name));
  return (value === undefined ? rest : { ...rest, [name]: value }) as Row;
}

interface AboutProps<Row> {
  readonly row: Row;
  readonly set: (row: Row) => void;
  readonly name: string;
}

/** Of which module and priority a row is; both empty = all. */
function About<Row extends { readonly module?: string; readonly priority?: string }>({
  row,
  set,
  name,
}: AboutProps<Row>) {
  return (
    <>
      <NamedSelect
        of="modules"
        aria-label={`${name} ${t('settings.module')}`}
        placeholder={t('settings.everyModule')}
        {...(row.module && { value: row.module })}
        onChange={(module) => set(put(row, 'module', module))}
      />
      <Choice
        label={`${name} ${t('settings.priority')}`}
        hint={t('settings.everyPriority')}
        family="priority"
        codes={PRIORITIES}
        value={row.priority}
        clear
        onChange={(priority) => set(put(row, 'priority', priority))}
      />
    </>
  );
}

interface ChoiceProps<Code extends string> {
  readonly label: string;
  readonly hint?: string;
  readonly family: string;
  readonly codes: readonly Code[];
  readonly value: string | undefined;
  readonly clear?: boolean;
  readonly onChange: (value: Code | undefined) => void;
}

function Choice<Code extends string>({
  label,
  hint,
  family,
  codes,
  value,
  clear = false,
  onChange,
}: ChoiceProps<Code>) {
  return (
    <Select
      aria-label={label}
      placeholder={hint ?? t('settings.usual')}
      allowClear={clear}
      popupMatchSelectWidth={false}
      {...(value !== undefined && { value: value as Code })}
      onChange={(next: Code | undefined) => onChange(next)}
      options={codes.map((code) => ({ value: code, label: tCode(family, code) }))}
    />
  );
}

interface RowsProps<Row> {
  readonly rows: readonly Row[];
  readonly label: string;
  /** What a new row begins with. */
  readonly fresh: Row;
  readonly onChange: (rows: readonly Row[]) => void;
  readonly children: (row: Row, set: (row: Row) => void, name: string) => ReactNode;
}

function Rows<Row>({ rows, label, fresh, onChange, children }: RowsProps<Row>) {
  return (
    <ol className="setting-rows" aria-label={label}>
      {rows.map((row, place) => (
        <li key={`${label}${String(place)}`}>
          {children(row, (next) => onChange(rows.with(place, next)), `${label} ${place + 1}`)}
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t('settings.removeRow', { n: place + 1 })}
            onClick={() => onChange(rows.toSpliced(place, 1))}
          />
        </li>
      ))}
      <li>
        <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...rows, fresh])}>
          {t('settings.addRow')}
        </Button>
      </li>
    </ol>
  );
}
