import type { AlarmRuleRow, Pair, PairSide } from '../../domain/alarm-rule.ts';
import { isCameraFault } from '../../domain/camera-faults.ts';
import { type Expression, ExpressionError, parseExpression } from '../../domain/device-type/expression.ts';
import { nameFaults } from '../../domain/device-type/expression-names.ts';
import type { DeviceType } from '../../domain/device-type/types.ts';
import { fieldError } from '../../domain/input.ts';
import type { FieldError } from '../../errors.ts';

/** Faults the gateway finds by itself; no rule can be called so. */
const RESERVED: ReadonlySet<string> = new Set(['offline', 'stale', 'flapping', 'unsteady', 'clockSkew', 'massOutage']);

export interface Checked {
  readonly errors: readonly FieldError[];
  /** What it says of a rule about life and limb needs an administrator. */
  readonly lifeSafety: boolean;
}

/** What is wrong with a rule by what its type has; `typeOf` finds the other type of a pair. */
export function checkRule(
  row: AlarmRuleRow,
  type: DeviceType,
  typeOf: (id: string) => DeviceType | undefined,
): Checked {
  const alarm = type.alarms.find(({ code }) => code === row.code);
  const event = type.events.get(row.code);
  const errors: FieldError[] = [];
  const refuse = (path: string, code: string, key: Parameters<typeof fieldError>[2], values = {}) =>
    errors.push(fieldError(path, code, key, values));
  if (RESERVED.has(row.code) || isCameraFault(row.code))
    refuse('/code', 'reserved', 'alarm.reserved', { code: row.code });
  if (row.when !== null) checkExpression('/when', row.when, type, errors);
  if (row.clear !== null) checkExpression('/clear', row.clear, type, errors);
  if (alarm || event) checkOverride(row, alarm !== undefined, refuse);
  else checkNew(row, refuse);
  if (row.pair) checkPair(row.pair, type, typeOf, errors);
  const guarded = alarm?.lifeSafety ?? event?.lifeSafety ?? row.lifeSafety;
  if (guarded && row.forMs !== null && row.forMs > 0) refuse('/for', 'lifeSafety', 'alarm.lifeSafetyWaits');
  if (row.lifeSafety && row.severity !== 'critical') refuse('/severity', 'lifeSafety', 'alarm.lifeSafetyCritical');
  const changes = [row.enabled, row.when, row.clear, row.forMs, row.severity].some((value) => value !== null);
  return { errors, lifeSafety: guarded && (changes || row.lifeSafety) };
}

type Refuse = (path: string, code: string, key: Parameters<typeof fieldError>[2]) => void;

function checkOverride(row: AlarmRuleRow, isAlarm: boolean, refuse: Refuse): void {
  if (row.pair) refuse('/pair', 'pair', 'alarm.pairNew');
  if (row.lifeSafety) refuse('/lifeSafety', 'lifeSafety', 'alarm.lifeSafetyOfType');
  if (!isAlarm && (row.when !== null || row.clear !== null)) refuse('/when', 'event', 'alarm.eventHasNoWhen');
  const said = [row.enabled, row.title, row.when, row.clear, row.forMs, row.severity, row.advice];
  if (said.every((value) => value === null)) refuse('', 'empty', 'alarm.empty');
}

function checkNew(row: AlarmRuleRow, refuse: Refuse): void {
  if ((row.when === null) === (row.pair === null)) refuse('/when', 'required', 'alarm.whenOrPair');
  if (row.title === null) refuse('/title', 'required', 'input.required');
  if (row.severity === null) refuse('/severity', 'required', 'input.required');
  if (row.pair && row.clear !== null) refuse('/clear', 'pair', 'alarm.pairClear');
  if (row.pair && row.lifeSafety) refuse('/lifeSafety', 'pair', 'alarm.pairLifeSafety');
}

function checkPair(
  { own, other }: Pair,
  type: DeviceType,
  typeOf: (id: string) => DeviceType | undefined,
  errors: FieldError[],
): void {
  checkSide('/pair/own', own, type, errors);
  const otherType = typeOf(other.deviceType);
  if (otherType) checkSide('/pair/other', other, otherType, errors);
  else errors.push(fieldError('/pair/other/deviceType', 'notFound', 'input.notFound', { value: other.deviceType }));
}

function checkExpression(path: string, text: string, type: DeviceType, errors: FieldError[]): Expression | undefined {
  try {
    const expression = parseExpression(text);
    const names = { metrics: [...type.metrics.keys()], events: [...type.events.keys()] };
    for (const detail of nameFaults(expression, names)) {
      errors.push(fieldError(path, 'metric', 'alarm.expression', { ...placeOf(text, 0), detail }));
    }
    for (const { kind, name } of expression.temporal) {
      const metric = type.metrics.get(name);
      if ((kind === 'rate' || kind === 'delta') && metric && metric.type !== 'number') {
        errors.push(fieldError(path, 'metric', 'alarm.notNumber', { name, type: metric.type }));
      }
    }
    return expression;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    errors.push(
      fieldError(path, 'expression', 'alarm.expression', { ...placeOf(text, error.position), detail: error.message }),
    );
    return undefined;
  }
}

function placeOf(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function checkSide(path: string, side: PairSide, type: DeviceType, errors: FieldError[]): void {
  if ('alarm' in side && !type.alarms.some(({ code }) => code === side.alarm) && !isCameraFault(side.alarm)) {
    errors.push(fieldError(`${path}/alarm`, 'notFound', 'input.notFound', { value: side.alarm }));
  }
  if ('event' in side && !type.events.has(side.event)) {
    errors.push(fieldError(`${path}/event`, 'notFound', 'input.notFound', { value: side.event }));
  }
}
