import { readFileSync, writeFileSync } from 'node:fs';
import { DeviceTypeSchema } from '../../gateway/src/domain/device-type/grammar.ts';
import { REFUSALS } from '../../gateway/src/domain/device-type/index.ts';
import { GRAMMAR_WORDS } from './grammar-words.ts';

/** The grammar pages for vendors, made from the grammar and real device types. `npx node tools/device-types/grammar-doc.ts --write` renews them. */

const ROOT = new URL('../../', import.meta.url);

export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
}

/** Where each section stands in the grammar; `*` steps into a list, a named map or the object among alternatives. */
export const SECTIONS = [
  { at: '', zh: '文件', en: 'The file' },
  { at: 'topics/*', zh: '主题', en: 'Topic' },
  { at: 'identify', zh: '识别设备', en: 'Identify' },
  { at: 'identify/from', zh: '字节字段', en: 'Byte field' },
  { at: 'frame', zh: '数据帧', en: 'Frame' },
  { at: 'frame/checksum', zh: '校验和', en: 'Checksum' },
  { at: 'time', zh: '时间', en: 'Time' },
  { at: 'state', zh: '在线状态', en: 'State' },
  { at: 'metrics/*', zh: '指标', en: 'Metric' },
  { at: 'metrics/*/fromText', zh: '文本中的数值', en: 'Number in text' },
  { at: 'components/*', zh: '部件', en: 'Component' },
  { at: 'events/*', zh: '事件', en: 'Event' },
  { at: 'alarms/*', zh: '告警', en: 'Alarm' },
  { at: 'commands/*', zh: '指令', en: 'Command' },
  { at: 'commands/*/params/*', zh: '指令参数', en: 'Parameter' },
  { at: 'health', zh: '上报周期与离线', en: 'Health' },
  { at: 'examples/*', zh: '样例', en: 'Example' },
];

const EXAMPLES = [
  { file: 'xingchong/cabinet', zh: '一个主题一个值', en: 'Topic per key' },
  {
    file: 'hengce/air-station',
    zh: '多层 JSON、带单位的文本、文本秒数',
    en: 'Nested JSON, units in text, seconds as text',
  },
  { file: 'lvjie/bin-group', zh: '顶层数组', en: 'Array at the root' },
  { file: 'ttn/dragino-lds02', zh: 'Base64 数据帧（TTN v3）', en: 'Base64 frame (TTN v3)' },
  { file: 'haoneng/dlt645-meter', zh: '十六进制数据帧（DL/T 645）', en: 'Hex frame (DL/T 645)' },
  { file: 'anshui/water-level', zh: '中文键名、无时区的中文日期', en: 'Chinese keys, local dates' },
  {
    file: 'tianyu/weather-mast',
    zh: '分隔文本、小数逗号、日期与时间分开',
    en: 'Delimited text, decimal comma, date apart from time',
  },
  { file: 'lianwu/sensor-hub', zh: 'JSON 中的 JSON、名称与值的列表', en: 'JSON in JSON, lists of name and value' },
];

function objectOf(schema: Schema | undefined): Schema | undefined {
  if (schema?.properties) return schema;
  return schema?.anyOf?.map(objectOf).find((it) => it !== undefined) ?? (schema?.items && objectOf(schema.items));
}

/** The object of the grammar at a section. */
export function schemaAt(path: string): Schema {
  let here: Schema | undefined = JSON.parse(JSON.stringify(DeviceTypeSchema)) as Schema;
  for (const step of path === '' ? [] : path.split('/')) {
    here =
      step === '*'
        ? (here?.items ?? Object.values(here?.patternProperties ?? {})[0])
        : objectOf(here)?.properties?.[step];
  }
  const found = objectOf(here);
  if (!found) throw new Error(`the grammar has no object at '${path}'`);
  return found;
}

const KINDS = {
  zh: {
    oneOf: (n: number) => `${n} 种之一`,
    listOf: (item: string) => `列表（${item}）`,
    string: '文本',
    number: '数值',
    integer: '整数',
    boolean: '布尔',
    object: '对象',
    array: '列表',
    map: '名称 → 值',
    null: '空',
    any: '任意',
  },
  en: {
    oneOf: (n: number) => `one of ${n}`,
    listOf: (item: string) => `list of ${item}`,
    string: 'string',
    number: 'number',
    integer: 'integer',
    boolean: 'boolean',
    object: 'object',
    array: 'list',
    map: 'map',
    null: 'null',
    any: 'any',
  },
} as const;

/** An object without a section of its own shows its fields here; `?` = may be absent. */
function typeOf(schema: Schema, language: Language, sectioned: boolean): string {
  const kinds = KINDS[language];
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.length > 20 ? kinds.oneOf(schema.enum.length) : schema.enum.join(' ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map((it) => typeOf(it, language, sectioned)))].join(' / ');
  if (schema.items) return kinds.listOf(typeOf(schema.items, language, sectioned));
  if (schema.patternProperties) return kinds.map;
  if (schema.properties && !sectioned) {
    const { required = [] } = schema;
    const names = Object.keys(schema.properties).map((name) => (required.includes(name) ? name : `${name}?`));
    return `{ ${names.join(', ')} }`;
  }
  return kinds[(schema.type ?? 'any') as Exclude<keyof typeof kinds, 'oneOf' | 'listOf'>] ?? kinds.any;
}

function limitsOf(schema: Schema): string {
  const { minimum, maximum } = schema;
  const range = minimum === undefined && maximum === undefined ? [] : [`${minimum ?? ''} … ${maximum ?? ''}`];
  const most = schema.maxLength ?? schema.maxItems ?? schema.maxProperties;
  return [...range, ...(most === undefined ? [] : [`≤ ${most}`])].join(', ');
}

const cell = (text: string): string => text.replaceAll('|', '｜').replaceAll('<', '&lt;').replaceAll('\n', ' ');

/** What a field means; the grammar's own description is the English one where there is one. */
export function wordsOf(at: string, name: string, schema: Schema, language: Language): string {
  const words = GRAMMAR_WORDS[at]?.[name];
  return (language === 'zh' ? words?.zh : (schema.description ?? words?.en)) ?? '';
}

function section(at: string, title: string, language: Language): string {
  const { properties = {}, required = [] } = schemaAt(at);
  const rows = Object.entries(properties).map(([name, schema]) => {
    const sectioned = SECTIONS.some((it) => [`${at}/${name}`, `${at}/${name}/*`, name, `${name}/*`].includes(it.at));
    return [
      `\`${name}\``,
      required.includes(name) ? '✓' : '',
      typeOf(schema, language, sectioned),
      limitsOf(schema),
      wordsOf(at, name, schema, language),
    ].map(cell);
  });
  return `### ${title}\n\n${at === '' ? '' : `\`${at}\`\n\n`}LEGEND${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;
}

const WORDS = {
  zh: {
    intro: `# 设备类型语法参考

由语法和真实的设备类型文件生成，请勿手改。含义与先后顺序见[设备类型说明](../../reference/device-types.md)，入门见[五分钟接入一种新设备](../add-device-type.md)。
路径中的 \`*\` 表示列表的每一项或自定名称。`,
    fields: '## 字段',
    legend: '| 字段 | 必填 | 类型 | 限制 | 说明 |\n|---|---|---|---|---|\n',
    examples: '## 完整实例',
    examplesNote: '以下均为 `device-schemas/` 中的文件原文，文件中的样例每次测试都会运行。',
    refusals: '## 拒收代码\n\n| 代码 | 含义 | English |\n|---|---|---|',
  },
  en: {
    intro: `# Grammar of device types

Made from the grammar and from real device types; do not edit. What fields mean together: [device-type files](../reference/device-types.md).
In a path \`*\` is every item of a list or a name of your choice.`,
    fields: '## Fields',
    legend: '| field | required | type | limits | meaning |\n|---|---|---|---|---|\n',
    examples: '## Worked examples',
    examplesNote: 'Each is a file of `device-schemas/` as it stands; its examples run in every test.',
    refusals: '## What is refused\n\n| code | 中文 | English |\n|---|---|---|',
  },
} as const;

export type Language = keyof typeof WORDS;

export const GRAMMAR_PAGES: Readonly<Record<Language, URL>> = {
  zh: new URL('docs/zh/vendor/grammar.md', ROOT),
  en: new URL('docs/vendor/grammar.md', ROOT),
};

export function grammarPage(language: Language): string {
  const words = WORDS[language];
  const fields = SECTIONS.map((it) => section(it.at, it[language], language).replace('LEGEND', words.legend));
  const examples = EXAMPLES.map((it) => {
    const [, ...lines] = readFileSync(new URL(`device-schemas/${it.file}.yaml`, ROOT), 'utf8').split('\n');
    return `### ${it[language]}\n\n\`device-schemas/${it.file}.yaml\`\n\n\`\`\`yaml\n${lines.join('\n').trim()}\n\`\`\`\n`;
  });
  const refusals = Object.entries(REFUSALS).map(([code, { title }]) => `| \`${code}\` | ${title.zh} | ${title.en} |`);
  return [
    `${words.intro}\n`,
    `${words.fields}\n`,
    ...fields,
    `${words.examples}\n\n${words.examplesNote}\n`,
    ...examples,
    `${words.refusals}\n${refusals.join('\n')}\n`,
  ].join('\n');
}

if (import.meta.main && process.argv.includes('--write')) {
  for (const language of ['zh', 'en'] as const) writeFileSync(GRAMMAR_PAGES[language], grammarPage(language));
}
