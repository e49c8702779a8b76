import type { Title } from './decoded.ts';
import type { RefusalCode } from './refusals.ts';

/** What a vendor does about a refusal; shown wherever a message is looked into. */
export const REMEDIES: Readonly<Record<RefusalCode, Title>> = {
  TOPIC_UNKNOWN: {
    zh: '核对主题，或在类型的 topics 中加上它（变化的一段写成 {名称}）',
    en: 'Check the topic, or add it to topics of the type (a level that varies is written {name})',
  },
  EMPTY_MESSAGE: { zh: '至少发送一个指标或事件', en: 'Send at least one metric or event' },
  BAD_UTF8: {
    zh: '文本改用 UTF-8；二进制数据用 format: bytes 并写明字段位置',
    en: 'Send text as UTF-8; for binary data use format: bytes and byte fields',
  },
  BAD_JSON: {
    zh: '发送合法 JSON；裸数值用 format: value，分隔文本用 format: text，二进制用 format: bytes',
    en: 'Send valid JSON; for a bare value use format: value, for delimited text format: text, for binary format: bytes',
  },
  BAD_BYTES: {
    zh: '核对帧的编码（hex/base64）、长度、帧头与 offset',
    en: 'Check the encoding of the frame (hex/base64), its length, first bytes and the offset',
  },
  BAD_CHECKSUM: {
    zh: '核对校验算法、范围 from/to 和字节序；都对则帧在传输中损坏，请重发',
    en: 'Check the algorithm, from/to and byte order; if they are right the frame was damaged on its way, send it again',
  },
  TOO_DEEP: { zh: '减少 JSON 嵌套，最多 32 层', en: 'Nest less, at most 32 levels' },
  FORBIDDEN_KEY: {
    zh: '改掉键名 __proto__、constructor、prototype',
    en: 'Rename the keys __proto__, constructor, prototype',
  },
  BAD_SHAPE: {
    zh: '对照类型：此处应为对象还是列表；pairs、list、index 可以改变读法',
    en: 'Compare with the type: an object or a list is expected here; pairs, list and index change how it is read',
  },
  TOO_MANY_ITEMS: { zh: '拆成几条消息发送', en: 'Send it as several messages' },
  BAD_MESSAGE_ID: { zh: 'msgId 用 1 至 128 个字符的文本或数字', en: 'Use a text of 1 to 128 characters or a number' },
  BAD_TIME: {
    zh: '核对 time.format；没有时区的时间用 format: local 加 zone，特殊写法用 pattern',
    en: 'Check time.format; a time without offset needs format: local and a zone, an odd one a pattern',
  },
  BAD_STATE: {
    zh: '把这个取值加入 state.online 或 state.offline',
    en: 'Add this value to state.online or state.offline',
  },
  BAD_EVENT: { zh: '事件要有 code（字母开头）', en: 'An event needs a code that begins with a letter' },
  BAD_ACK: { zh: '回执写成 {"id":"…","ok":true,"result":…}', en: 'Answer {"id":"…","ok":true,"result":…}' },
  BAD_COMPONENT: {
    zh: '部件编号用数字或不超过 32 个字符的文本，且不重复；没有编号时用 index',
    en: 'Name each part by a number or a text of at most 32 characters, each once; without names use index',
  },
  IDENTITY_MISSING: {
    zh: '核对 identify：主题或消息中须有设备的编号',
    en: 'Check identify: the topic or the message must name the device',
  },
  DECODER_FAILED: { zh: '解码文件遇到未知内容，请更新它', en: 'The decoder met something it does not know; update it' },
  READING_WRONG_TYPE: {
    zh: '按类型发送；数值以文本发送时写 fromText（可带单位、逗号小数），词语用 map',
    en: 'Send the declared type; a number sent as text needs fromText (units and decimal commas too), words need map',
  },
  READING_OUT_OF_RANGE: {
    zh: '核对单位与 scale；传感器故障值写入 nulls；量程确实更大时改 min、max',
    en: 'Check unit and scale; put values that mean a broken sensor into nulls; widen min and max only if they are real',
  },
  READING_NOT_FINITE: {
    zh: '不要发送 NaN 或无穷大，没有读数就不发',
    en: 'Leave the metric out instead of NaN or infinity',
  },
  READING_NOT_LISTED: { zh: '把这个取值加入 map 或 values', en: 'Add this value to map or values' },
  READING_BAD_TEXT: {
    zh: '缩短文本或增大 maxLength；去掉控制字符',
    en: 'Shorten it or raise maxLength; send no control characters',
  },
  READING_REQUIRED: {
    zh: '每条消息都带上这个指标；不是每条都有时去掉 required',
    en: 'Send this metric in every message; remove required when not every message has it',
  },
};
