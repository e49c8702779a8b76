import type { Title } from './decoded.ts';

/** The one value of a detail that is a word and no quotation. */
const KINDS: Readonly<Record<string, string>> = {
  'a list': '列表',
  'an object': '对象',
  'a number': '数字',
  'a text': '文本',
  'true or false': '是或否（true 或 false）',
  undefined: '空',
  null: '空（null）',
  unknown: '未知',
  id: '编号',
  serial: '序列号',
  externalId: '外部编号',
  pending: '待审',
  rejected: '已驳回',
  retired: '已下线',
};

/**
 * Details of refusals as they are stored and sent to devices, `{name}` for a value, with the Chinese for people. The longer
 * stands before what it begins with. Whoever words a refusal adds its line here: a test reads the sources for it.
 */
export const DETAILS: readonly (readonly [english: string, chinese: string])[] = [
  ['{value} is outside {min} … {max}', '{value} 不在 {min} 至 {max} 之间'],
  ['{value} is not in the map', '取值 {value} 未列入 map'],
  ['{value} is none of {listed}', '取值 {value} 不在允许的范围内：{listed}'],
  ['{value} is neither of the known states', '取值 {value} 不是已知的在线状态'],
  ['longer than {n} characters', '超过 {n} 个字符'],
  ['longer than {n} bytes', '超过 {n} 字节'],
  ['holds NUL or a lone surrogate', '含有空字符或残缺字符'],
  ['not a finite number', '不是有限数值'],
  ['this metric is required', '缺少此项读数'],
  ['neither the topic nor the payload names a device', '主题和消息内容中都没有设备编号'],
  ["no topic of this type fits '{topic}'", '该类型没有与“{topic}”相符的主题'],
  ['no metric and no event', '既无读数也无事件'],
  ['an empty list', '列表为空'],
  ['{n} items, at most {max}', '共 {n} 项，最多 {max} 项'],
  ['{n} events, at most {max}', '共 {n} 个事件，最多 {max} 个'],
  ['{n} parts, at most {max}', '共 {n} 个部件，最多 {max} 个'],
  ['a text of 1 to 128 characters or a number expected', '应为 1 至 128 个字符的文本或数字'],
  [
    'the code is a letter and up to 63 of A-Z a-z 0-9 . _ -, found {value}',
    '事件代码须以字母开头，其后不超过 63 个字母、数字或 . _ -，实为 {value}',
  ],
  ['bad component {value}', '部件编号 {value} 有误'],
  [
    'the data holds NUL, a lone surrogate or a number without end and was left out',
    '附带数据含有空字符、残缺字符或非有限数值，已略去',
  ],
  ['online or offline expected, found {value}', '应为 online 或 offline，实为 {value}'],
  ['an object with id (text) and ok (true or false) expected', '应为含 id（文本）和 ok（true 或 false）的对象'],
  ['the result holds NUL or a lone surrogate', '结果含有空字符或残缺字符'],
  ['a list of parts expected, found {value}', '应为部件列表，实为{value}'],
  ['an object of parts expected, found {value}', '应为部件对象，实为{value}'],
  ['each part is an object, found {value}', '每个部件应为对象，实为{value}'],
  ['the part {value} stands twice', '部件 {value} 重复'],
  ['the key of a part is a number or a short text, found {value}', '部件编号应为数字或短文本，实为 {value}'],
  ['the payload is not UTF-8', '内容不是 UTF-8 编码'],
  ['the payload is empty', '内容为空'],
  ['nested more than {n} deep', '嵌套超过 {n} 层'],
  ["the key '{key}' is not allowed", '不允许使用键名“{key}”'],
  ['JSON as text expected', '应为以文本书写的 JSON'],
  ['ts must be ISO 8601 with offset or epoch milliseconds', 'ts 应为带时区的 ISO 8601 时间或毫秒时间戳'],
  ['ISO 8601 text expected', '应为 ISO 8601 时间文本'],
  ['text expected', '应为文本'],
  ['{encoding} text expected', '应为 {encoding} 文本'],
  ["'{text}' is not written {pattern}", '“{text}”与写法 {pattern} 不符'],
  ['no time: {text}', '不是时间：{text}'],
  ["not ISO 8601: '{text}'", '不是 ISO 8601 时间：“{text}”'],
  ['offset missing, e.g. {text}', '缺少时区，例如 {text}'],
  ["no local time: '{text}'", '不是当地时间：“{text}”'],
  ["no such time: '{text}'", '没有这个时间：“{text}”'],
  ['not {encoding}', '不是 {encoding} 编码'],
  ['the frame has {n} bytes, at least {min} expected', '数据帧为 {n} 字节，至少应为 {min} 字节'],
  ['the frame has {n} bytes, {type} at {offset} needs more', '数据帧为 {n} 字节，位置 {offset} 的 {type} 超出其长度'],
  ["the frame begins with '{found}', '{wanted}' expected", '数据帧以“{found}”开头，应为“{wanted}”'],
  ['a frame of {n} bytes is too short for its checksum', '数据帧为 {n} 字节，不足以容纳校验和'],
  ['{type} is {wanted}, the frame says {found}', '{type} 校验应为 {wanted}，帧内为 {found}'],
  ['{value} is no BCD: only the digits 0 to 9 may occur', '{value} 不是 BCD 码：只能出现数字 0 至 9'],
  ['{wanted} expected, found {value}', '应为{wanted}，实为 {value}'],
  ["no device '{device}' of this login", '该账号名下没有设备“{device}”'],
  ["device type '{type}' has no approved version", '设备类型“{type}”没有已批准的版本'],
  ["the payload names {match} '{value}'", '消息中写的是{match}“{value}”'],
  ['no device type knows this topic', '没有设备类型使用此主题'],
  ['no device of this login matches the identity in the message', '消息中的设备标识与该账号名下的设备都不相符'],
  ['the device is {lifecycle}', '设备处于“{lifecycle}”阶段'],
  ['{stored} is stored for this time, {value} came', '该时刻已存 {stored}，又收到 {value}'],
  ['time {time} is outside 2000–2099', '时间 {time} 不在 2000 至 2099 年之间'],
  ['receive time {time} is outside 2000–2099', '接收时间 {time} 不在 2000 至 2099 年之间'],
  ['acknowledged and not stored', '已应答，未存储'],
  ['refused before it was read', '未及读取即被拒收'],
  // The engine's own words on broken JSON.
  ['Unexpected end of JSON input', 'JSON 不完整，中途结束'],
  ['{what} at position {n} (line {line} column {column})', 'JSON 在第 {line} 行第 {column} 个字符处有误'],
  ["Unexpected token '{token}', {rest} is not valid JSON", 'JSON 中有多余或错误的字符“{token}”'],
];

const compiled = DETAILS.map(([english, chinese]) => {
  const shape = english.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>[\\s\\S]*)');
  return [new RegExp(`^${shape}$`), chinese] as const;
});

const PATH = /^(\/?[\p{L}\p{N}_./*~-]{1,200}): ([\s\S]+)$/u;
const OTHERS = /^([\s\S]+) \(\+(\d+)\)$/;

/**
 * A refusal's detail for people in both languages, the field it is about with its title beside the key. What no line knows
 * stays as it is. `titleOf` answers what the type calls a metric.
 */
export function toldDetail(detail: string, titleOf: (metric: string) => Title | undefined = () => undefined): Title {
  const others = OTHERS.exec(detail);
  if (others?.[1] !== undefined) {
    const { zh, en } = toldDetail(others[1], titleOf);
    return { zh: `${zh}（另有 ${others[2]} 处）`, en: `${en} (and ${others[2]} more)` };
  }
  const [, path, rest] = PATH.exec(detail) ?? [];
  if (path === undefined || rest === undefined) return { zh: chineseOf(detail) ?? detail, en: detail };
  // Of a list each report carries its index in front.
  const title = titleOf(path.replace(/^\/\d+\//, ''));
  const inner = toldDetail(rest);
  return {
    zh: `${title ? `${title.zh}（${path}）` : path}：${inner.zh}`,
    en: `${title ? `${title.en} (${path})` : path}: ${inner.en}`,
  };
}

function chineseOf(detail: string): string | undefined {
  for (const [shape, chinese] of compiled) {
    const found = shape.exec(detail);
    if (!found) continue;
    const filled = chinese.replace(/\{(\w+)\}/g, (_, name: string) => wordOf(found.groups?.[name] ?? ''));
    return filled.replace(/(\p{Script=Han}) (?=\p{Script=Han})/gu, '$1');
  }
  return undefined;
}

const wordOf = (value: string): string => (Object.hasOwn(KINDS, value) ? (KINDS[value] ?? value) : value);
