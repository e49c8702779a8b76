export { checkDefinition } from './check.ts';
export { commandFaults } from './command-params.ts';
export { compileDeviceType, metricInfo } from './compile.ts';
export { decodeMessage } from './decode.ts';
export type { Decoded, DecodedEvent, DecodedItem, DecodeInput, Identity, RefusalNote, Title } from './decoded.ts';
export { examplePayload, runExamples } from './examples.ts';
export { type Explained, explainMessage } from './explain.ts';
export {
  coversMetric,
  type Expression,
  ExpressionError,
  type History,
  metricsOf,
  parseExpression,
  type Temporal,
  type Values,
} from './expression.ts';
export { type DeviceTypeDefinition, DeviceTypeSchema } from './grammar.ts';
export { REFUSALS, type RefusalCode } from './refusals.ts';
export { REMEDIES } from './remedies.ts';
export { metricTitle } from './told.ts';
export { toldDetail } from './told-detail.ts';
export { contractTopic, foreignTopics, ownFilters, type TopicCandidate, topicMatcher } from './topics.ts';
export type { AlarmRule, DeviceType, EventInfo, HealthDefaults, MetricInfo } from './types.ts';
export { UNITS, unitSign } from './units.ts';
