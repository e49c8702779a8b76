import { Compile } from 'typebox/compile';
import type { FieldError } from '../../errors.ts';
import { parseDuration } from '../duration.ts';
import { checkBytes, checkShapes, type Report } from './check-shapes.ts';
import { type Expression, ExpressionError, parseExpression } from './expression.ts';
import { nameFaults, type RuleNames } from './expression-names.ts';
import { type DeviceTypeDefinition, DeviceTypeSchema, type MetricDefinition } from './grammar.ts';
import { CONTRACT_PREFIX, compileTopic, topicFault } from './topics.ts';

const validator = Compile(DeviceTypeSchema);

/** The definition, or every fault in it with path, rule and remedy. */
export function checkDefinition(
  input: unknown,
):
  | { readonly ok: true; readonly definition: DeviceTypeDefinition }
  | { readonly ok: false; readonly errors: FieldError[] } {
  if (!validator.Check(input)) return { ok: false, errors: grammarErrors(input) };
  const definition: DeviceTypeDefinition = input;
  const errors: FieldError[] = [];
  const report: Report = (path, code, message) => errors.push({ path, code, message });
  checkTopics(definition, report);
  checkMetrics(definition, report);
  checkRules(definition, report);
  checkShapes(definition, report);
  return errors.length === 0 ? { ok: true, definition } : { ok: false, errors };
}

const RULES: Readonly<Record<string, (what: string) => string>> & { readonly other: (what: string) => string } = {
  required: (what) => `缺少 ${what}`,
  additionalProperties: (what) => `不认识的字段 ${what}`,
  enum: (what) => `只能是 ${what} 之一`,
  const: () => '取值不在允许范围内',
  type: (what) => `类型不符，应为 ${what}`,
  pattern: () => '写法有误',
  other: () => '不符合文件语法',
};

function grammarErrors(input: unknown): FieldError[] {
  const all = validator.Errors(input) as { keyword: string; instancePath: string; message: string; params: object }[];
  // The deepest fault is the real one; "no alternative fits" and "schema is false" only echo it.
  const useful = all.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'boolean');
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const { keyword, instancePath, message, params } of useful.length > 0 ? useful : all) {
    const extra = Object.values(params).flat().map(String).join(', ').slice(0, 200);
    const more = extra === '' || message.includes(extra) ? '' : `: ${extra}`;
    const text = `${(RULES[keyword] ?? RULES.other)(extra)}，请对照 device-schemas/README.md 修改 / ${message}${more}`;
    const key = `${instancePath} ${text}`;
    if (seen.has(key)) continue;
    seen.add(key);
    errors.push({ path: instancePath || '/', code: keyword, message: text });
    if (errors.length === 20) break;
  }
  return errors;
}

function checkTopics(definition: DeviceTypeDefinition, report: Report): void {
  const { topics = [], state, identify } = definition;
  const entries = topics.map((topic, index) => ({
    path: `/topics/${index}`,
    text: typeof topic === 'string' ? topic : topic.topic,
    identify,
  }));
  if (state) entries.push({ path: '/state/topic', text: state.topic, identify: state.identify ?? identify });
  const seen = new Set<string>();
  for (const entry of entries) {
    const fault = topicFault(entry.text);
    if (fault) {
      report(entry.path, 'topic', `主题写法有误 / ${fault}`);
      continue;
    }
    if (seen.has(entry.text)) report(entry.path, 'topic', '主题重复，请删去一个 / this topic stands twice; remove one');
    seen.add(entry.text);
    if (entry.text.startsWith('cgw/')) {
      const fits = entry.path !== '/state/topic' && /^cgw\/v1\/\{deviceId\}\/(telemetry|event)$/.test(entry.text);
      if (!fits)
        report(
          entry.path,
          'topic',
          '城运网关主题只能写 cgw/v1/{deviceId}/telemetry / the only topic to name under cgw/ is cgw/v1/{deviceId}/telemetry',
        );
      continue;
    }
    if (!entry.identify) {
      report(
        '/identify',
        'identify',
        '自有主题必须说明如何识别设备 / topics of your own need identify: { from, match }',
      );
      continue;
    }
    const from = entry.identify.from;
    if (
      typeof from === 'string' &&
      from.startsWith('{') &&
      !compileTopic(entry.text).captures.includes(from.slice(1, -1))
    ) {
      report(
        entry.path,
        'identify',
        `该主题没有 ${from} / this topic has no ${from}; add it or give the topic its own identify`,
      );
    }
  }
}

function checkMetrics(definition: DeviceTypeDefinition, report: Report): void {
  const interval = parseDuration(definition.health.interval ?? '') ?? 0;
  const foreignCaptures = new Set(
    (definition.topics ?? []).flatMap((topic) => {
      const text = typeof topic === 'string' ? topic : topic.topic;
      return text.startsWith(CONTRACT_PREFIX) ? [] : compileTopic(text).captures;
    }),
  );
  const captureKnown = (path: string, name: string) => {
    if (!foreignCaptures.has(name))
      report(path, 'capture', `没有主题含 {${name}} / no topic has the capture {${name}}`);
  };
  const whenKnown = (path: string, when: Record<string, unknown> | undefined) => {
    for (const key of Object.keys(when ?? {})) if (!key.startsWith('/')) captureKnown(`${path}/when`, key);
  };
  const one = (path: string, metric: MetricDefinition) => {
    checkMetric(path, metric, interval, report);
    whenKnown(path, metric.when);
    if (typeof metric.from === 'string' && metric.from.startsWith('{'))
      captureKnown(`${path}/from`, metric.from.slice(1, -1));
  };
  for (const [name, metric] of Object.entries(definition.metrics ?? {})) {
    one(`/metrics/${name}`, metric);
    if (definition.components?.[name])
      report(`/metrics/${name}`, 'name', '与部件同名 / a component has the same name; rename one');
  }
  for (const [name, part] of Object.entries(definition.components ?? {})) {
    whenKnown(`/components/${name}`, part.when);
    if (part.key?.startsWith('{')) captureKnown(`/components/${name}/key`, part.key.slice(1, -1));
    for (const [inner, metric] of Object.entries(part.metrics)) one(`/components/${name}/metrics/${inner}`, metric);
  }
}

function checkMetric(path: string, metric: MetricDefinition, interval: number, report: Report): void {
  const { type, unit, min, max, from, freshWithin } = metric;
  if (type === 'number' && unit === undefined) {
    report(`${path}/unit`, 'unit', '数值必须写单位，无量纲写 "1" / a number needs a UCUM unit; "1" for none');
  }
  for (const name of ['unit', 'min', 'max', 'scale', 'offset'] as const) {
    if (type !== 'number' && metric[name] !== undefined) {
      report(`${path}/${name}`, name, `只有数值才有 ${name} / only type number has ${name}; remove it`);
    }
  }
  if (min !== undefined && max !== undefined && min >= max) {
    report(`${path}/max`, 'range', 'max 必须大于 min / max must be above min');
  }
  checkMap(path, metric, report);
  if (typeof from === 'object') {
    checkBytes(`${path}/from`, from, report);
    if (from.bit !== undefined && type !== 'boolean' && !metric.map) {
      report(`${path}/type`, 'bytes', '位字段是 boolean / a bit is a boolean; set type: boolean');
    }
  }
  const fresh = freshWithin === undefined ? undefined : parseDuration(freshWithin);
  if (fresh !== undefined && fresh < interval) {
    report(`${path}/freshWithin`, 'freshWithin', '不能短于 health.interval / must not be shorter than health.interval');
  }
}

function checkMap(path: string, { type, map, values }: MetricDefinition, report: Report): void {
  if (values && type !== 'text') report(`${path}/values`, 'values', '只有文本才有 values / only type text has values');
  for (const [raw, value] of Object.entries(map ?? {})) {
    if (typeof value !== (type === 'text' ? 'string' : type)) {
      report(`${path}/map/${raw}`, 'map', `映射结果必须是 ${type} / must be of type ${type}`);
    } else if (values && !Object.hasOwn(values, String(value))) {
      report(`${path}/map/${raw}`, 'map', `${value} 不在 values 中 / ${value} is none of values`);
    }
  }
}

function checkRules(definition: DeviceTypeDefinition, report: Report): void {
  const names = { metrics: metricNames(definition), events: Object.keys(definition.events ?? {}) };
  for (const [code, alarm] of Object.entries(definition.alarms ?? {})) {
    const path = `/alarms/${code}`;
    const when = checkExpression(`${path}/when`, alarm.when, names, report);
    if (alarm.clear !== undefined) checkExpression(`${path}/clear`, alarm.clear, names, report);
    else if (when?.threshold)
      report(
        `${path}/clear`,
        'clear',
        '阈值告警必须写恢复条件 clear，避免反复 / an alarm with a threshold needs clear (hysteresis)',
      );
    if (when && alarm.clear === undefined && when.metrics.length > 1) {
      const remedy =
        'without clear, an alarm on several metrics never ends while one of them is missing; give clear or split it';
      report(`${path}/clear`, 'clear', `涉及多个指标的告警必须写 clear，或拆成几条 / ${remedy}`);
    }
    if (alarm.lifeSafety && alarm.for !== undefined)
      report(
        `${path}/for`,
        'lifeSafety',
        '涉及人身安全的告警不得等待 / a lifeSafety alarm waits for nothing; remove for',
      );
    if (alarm.lifeSafety && alarm.severity !== 'critical')
      report(`${path}/severity`, 'lifeSafety', '涉及人身安全必须是 critical / lifeSafety must be critical');
  }
  checkEvents(definition, report);
  const { interval, offlineAfter, learn } = definition.health;
  if (interval === undefined && !learn) {
    report('/health/interval', 'required', '请填写上报间隔，或设置 learn: true / give the interval or set learn: true');
  }
  if (offlineAfter !== undefined && (parseDuration(offlineAfter) ?? 0) < (parseDuration(interval ?? '') ?? 0)) {
    report('/health/offlineAfter', 'health', '不能短于 interval / must not be shorter than interval');
  }
}

function checkEvents(definition: DeviceTypeDefinition, report: Report): void {
  for (const [code, event] of Object.entries(definition.events ?? {})) {
    const path = `/events/${code}`;
    if (event.lifeSafety && event.severity !== 'critical')
      report(`${path}/severity`, 'lifeSafety', '涉及人身安全必须是 critical / lifeSafety must be critical');
    if ((event.from === undefined) !== (event.is === undefined))
      report(path, 'event', 'from 与 is 必须同时写 / from and is go together');
  }
}

function checkExpression(path: string, text: string, names: RuleNames, report: Report): Expression | undefined {
  try {
    const expression = parseExpression(text);
    for (const fault of nameFaults(expression, names)) report(path, 'metric', fault);
    return expression;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    report(path, 'expression', `表达式有误：${text} / ${error.message}: ${text}`);
    return undefined;
  }
}

function metricNames(definition: DeviceTypeDefinition): string[] {
  const parts = Object.entries(definition.components ?? {});
  return [
    ...Object.keys(definition.metrics ?? {}),
    ...parts.flatMap(([name, part]) => Object.keys(part.metrics).map((metric) => `${name}.*.${metric}`)),
  ];
}
