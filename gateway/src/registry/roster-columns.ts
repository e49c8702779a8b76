import { SHIFT_DAYS, type ShiftRecord } from '../domain/duty-rows.ts';
import { fieldError } from '../domain/input.ts';
import type { FieldError } from '../errors.ts';
import type { OutCell } from '../sheets/write.ts';
import type { Column } from './import/columns.ts';
import type { ShiftFields } from './rosters.ts';

const ON = {
  always: { zh: '按星期', en: 'always' },
  workdays: { zh: '工作日', en: 'workdays' },
  restDays: { zh: '休息日', en: 'restDays' },
  holidays: { zh: '节假日', en: 'holidays' },
  makeUpDays: { zh: '调休上班日', en: 'makeUpDays' },
} as const;
const WEEKDAYS = {
  1: { zh: '周一', en: 'Mon' },
  2: { zh: '周二', en: 'Tue' },
  3: { zh: '周三', en: 'Wed' },
  4: { zh: '周四', en: 'Thu' },
  5: { zh: '周五', en: 'Fri' },
  6: { zh: '周六', en: 'Sat' },
  7: { zh: '周日', en: 'Sun' },
} as const;

const column = (path: string, zh: string, en: string, kind: Column['kind'], also: readonly string[] = []): Column => ({
  path,
  zh,
  en,
  kind,
  note: { zh, en },
  also,
});

/** Columns of a duty roster in the order of the export. */
export const ROSTER_COLUMNS: readonly Column[] = [
  column('id', '班次编号', 'Shift id', 'code', ['编号']),
  column('orgId', '单位', 'Organisation', { reference: 'org' }),
  column('module', '模块', 'Module', { reference: 'module' }),
  column('userId', '值班人', 'Person', 'text', ['账号', '姓名']),
  column('person', '值班人姓名', 'Name', 'text'),
  // The place among SHIFT_DAYS: codes of a cell are numbers.
  column('on', '值班日', 'Days', { codes: Object.fromEntries(SHIFT_DAYS.map((day, index) => [index, ON[day]])) }),
  column('days', '星期', 'Week days', { codes: WEEKDAYS, several: true }),
  column('from', '开始', 'From', 'text', ['开始时间']),
  column('to', '结束', 'To', 'text', ['结束时间']),
  column('validFrom', '生效日期', 'Valid from', 'date'),
  column('validTo', '失效日期', 'Valid to', 'date'),
  column('position', '顺序', 'Position', 'integer'),
];

/** What a row says of a shift. `people` answers the ids behind an account or a name. */
export function readShift(
  input: Readonly<Record<string, unknown>>,
  people: (name: string) => readonly string[],
  isDate: (text: string) => boolean,
): { readonly fields: Partial<ShiftFields> & Pick<ShiftFields, 'orgId' | 'userId'>; readonly errors: FieldError[] } {
  const errors: FieldError[] = [];
  const said = (path: string) => (input[path] === undefined ? undefined : String(input[path]));
  const required = (path: string): string => {
    const value = said(path);
    if (value === undefined) errors.push(fieldError(`/${path}`, 'required', 'input.required'));
    return value ?? '';
  };
  const orgId = required('orgId');
  const who = required('userId');
  const ids = people(who);
  if (ids.length > 1) {
    const values = { value: who, ids: ids.slice(0, 5).join('、') };
    errors.push(fieldError('/userId', 'ambiguous', 'registry.import.ambiguous', values));
  }
  const minute = (path: 'from' | 'to', most: number) => {
    const value = said(path);
    if (value === undefined) return undefined;
    const found = /^(\d{1,2}):(\d{2})(?::00)?$/.exec(value.normalize('NFKC'));
    const minutes = found ? Number(found[1]) * 60 + Number(found[2]) : Number.NaN;
    if (found && Number(found[2]) < 60 && minutes <= most) return minutes;
    errors.push(fieldError(`/${path}`, 'time', 'duty.time', { value: value.slice(0, 20) }));
    return undefined;
  };
  const date = (path: 'validFrom' | 'validTo') => {
    const value = said(path);
    if (value !== undefined && !isDate(value))
      errors.push(fieldError(`/${path}`, 'date', 'sheets.cell.date', { value }));
    return value;
  };
  const fromMinute = minute('from', 1_439);
  const toMinute = minute('to', 1_440);
  const [validFrom, validTo] = [date('validFrom'), date('validTo')];
  if (validFrom && validTo && validFrom > validTo) errors.push(fieldError('/validTo', 'order', 'duty.order'));
  const position = input.position as number | undefined;
  if (position !== undefined && !(Number.isInteger(position) && position >= 0 && position <= 1_000))
    errors.push(fieldError('/position', 'range', 'duty.position'));
  const on = input.on === undefined ? undefined : SHIFT_DAYS[input.on as number];
  const days = input.days as number[] | undefined;
  const module = said('module');
  return {
    fields: {
      orgId,
      userId: ids[0] ?? who,
      ...(module === undefined ? {} : { module }),
      ...(on === undefined ? {} : { on }),
      ...(days === undefined || days.length === 0 ? {} : { days: [...new Set(days)].sort((a, b) => a - b) }),
      ...(fromMinute === undefined ? {} : { fromMinute }),
      ...(toMinute === undefined ? {} : { toMinute }),
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validTo === undefined ? {} : { validTo }),
      ...(position === undefined ? {} : { position }),
    },
    errors,
  };
}

const timeOf = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** A shift as a row that import takes back. */
export function cellsOfShift(shift: ShiftRecord, people: ReadonlyMap<string, string>): OutCell[] {
  const weekdays = shift.days.map((day) => WEEKDAYS[day as keyof typeof WEEKDAYS]?.zh ?? String(day)).join('、');
  return [
    shift.id,
    shift.orgId,
    shift.module,
    shift.userId,
    people.get(shift.userId) ?? '',
    ON[shift.on ?? 'always'].zh,
    weekdays,
    timeOf(shift.fromMinute),
    timeOf(shift.toMinute),
    shift.validFrom,
    shift.validTo,
    shift.position,
  ];
}

/** Whether both say the same of the same person; ids aside. */
export function sameShift(a: ShiftRecord, b: ShiftRecord): boolean {
  const facts = ({ id: _, on = 'always', ...rest }: ShiftRecord) => [
    ...[rest.orgId, rest.module, rest.userId, on, rest.days.join(), rest.fromMinute, rest.toMinute],
    ...[rest.validFrom, rest.validTo, rest.position],
  ];
  return JSON.stringify(facts(a)) === JSON.stringify(facts(b));
}
