import type { Decode } from '../../../../device-schemas/decode.ts';
import { GatewayError } from '../../errors.ts';
import { parseDuration } from '../duration.ts';
import { checkDefinition } from './check.ts';
import type { Title } from './decoded.ts';
import { negate, parseExpression } from './expression.ts';
import type { DeviceTypeDefinition, MetricDefinition } from './grammar.ts';
import { compilePlan } from './plan.ts';
import type { AlarmRule, DeviceType, EventInfo, MetricInfo } from './types.ts';

/** Until a device of a type without an interval has shown its own; slow, so that nobody is called offline by a guess. */
const GUESSED_INTERVAL_MS = 600_000;

/**
 * Compiles a device-type definition for the data path. Checks it first: throws INVALID_INPUT with every fault as a field
 * error. `decode` is the function of a `.decode.ts` file and must be given exactly when the definition says `decode: true`.
 */
export function compileDeviceType(input: unknown, options: { readonly decode?: Decode } = {}): DeviceType {
  const checked = checkDefinition(input);
  if (!checked.ok) throw new GatewayError('INVALID_INPUT', 'the device type is not valid', { errors: checked.errors });
  const { definition } = checked;
  if (definition.decode && !options.decode) {
    const message =
      '缺少解码文件 <型号>.decode.ts，通过接口上传的类型不能带代码 / the .decode.ts file is missing; an uploaded type cannot have one';
    throw new GatewayError('INVALID_INPUT', 'the decoder is missing', {
      errors: [{ path: '/decode', code: 'decode', message }],
    });
  }
  const events = new Map(
    Object.entries(definition.events ?? {}).map(([code, event]): [string, EventInfo] => [
      code,
      {
        code,
        title: event.title,
        severity: event.severity,
        lifeSafety: event.lifeSafety ?? false,
        advice: adviceOf(event.advice),
      },
    ]),
  );
  const alarms = Object.entries(definition.alarms ?? {}).map(([code, alarm]): AlarmRule => {
    const when = parseExpression(alarm.when);
    return {
      code,
      title: alarm.title,
      severity: alarm.severity,
      lifeSafety: alarm.lifeSafety ?? false,
      when,
      clear: alarm.clear === undefined ? negate(when) : parseExpression(alarm.clear),
      forMs: ms(alarm.for) ?? 0,
      advice: adviceOf(alarm.advice),
    };
  });
  const parts = Object.entries(definition.components ?? {});
  const interval = ms(definition.health.interval) ?? GUESSED_INTERVAL_MS;
  const plan = compilePlan(definition, events, definition.decode ? (options.decode ?? null) : null);
  return {
    id: definition.id,
    title: definition.title,
    module: definition.module,
    adapter: definition.adapter,
    contract: plan.contract,
    metrics: metricsOf(definition),
    components: new Map(parts.map(([name, part]) => [name, { title: part.title, max: part.max }])),
    events,
    alarms,
    alarmMetrics: [...new Set(alarms.flatMap(({ when, clear }) => [...when.metrics, ...clear.metrics]))],
    health: {
      interval,
      offlineAfter: ms(definition.health.offlineAfter) ?? 3 * interval,
      hold: ms(definition.health.hold) ?? null,
      recoverAfter: ms(definition.health.recoverAfter) ?? null,
      retirementCandidateAfter: ms(definition.health.retirementCandidateAfter) ?? null,
      ...(definition.health.learn ? { learn: true } : {}),
      ...(definition.health.interval === undefined ? { declared: false } : {}),
    },
    definition,
    plan,
  };
}

/** What a type says of a metric as it is stored: `ports.3.current` finds `ports.*.current`. */
export function metricInfo(type: DeviceType, metric: string): MetricInfo | undefined {
  const own = type.metrics.get(metric);
  if (own) return own;
  const [component, , ...rest] = metric.split('.');
  return rest.length === 1 ? type.metrics.get(`${component}.*.${rest[0]}`) : undefined;
}

function metricsOf(definition: DeviceTypeDefinition): ReadonlyMap<string, MetricInfo> {
  const infos = Object.entries(definition.metrics ?? {}).map(([name, metric]) => infoOf(name, metric));
  for (const [component, part] of Object.entries(definition.components ?? {})) {
    for (const [name, metric] of Object.entries(part.metrics)) infos.push(infoOf(`${component}.*.${name}`, metric));
  }
  return new Map(infos.map((info) => [info.name, info]));
}

function infoOf(name: string, metric: MetricDefinition): MetricInfo {
  const { title, type, unit, min, max, values } = metric;
  return {
    name,
    title,
    type,
    ...(unit !== undefined && { unit }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(values !== undefined && { values }),
    required: metric.required ?? false,
    freshWithin: ms(metric.freshWithin) ?? null,
  };
}

function ms(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

function adviceOf(advice: { zh: string; en?: string } | undefined): Title | null {
  return advice ? { zh: advice.zh, en: advice.en ?? advice.zh } : null;
}
