interface RefusalRow {
  readonly title: { readonly zh: string; readonly en: string };
}

/**
 * Why a message, or a part of one, was not taken over. The code goes to the quarantine, to the device's `error` topic and
 * into the `refused` of examples; the titles are what people read.
 */
export const REFUSALS = {
  TOPIC_UNKNOWN: { title: { zh: '该设备类型没有此主题', en: 'The device type has no such topic' } },
  EMPTY_MESSAGE: { title: { zh: '消息没有内容', en: 'The message says nothing' } },
  BAD_UTF8: { title: { zh: '不是有效的 UTF-8 文本', en: 'Not valid UTF-8' } },
  BAD_JSON: { title: { zh: '不是有效的 JSON', en: 'Not valid JSON' } },
  BAD_BYTES: { title: { zh: '十六进制或 Base64 数据有误', en: 'Bad hex or base64 data' } },
  BAD_CHECKSUM: { title: { zh: '数据帧校验和不符', en: 'The checksum of the frame does not fit' } },
  TOO_DEEP: { title: { zh: 'JSON 嵌套过深', en: 'JSON is nested too deeply' } },
  FORBIDDEN_KEY: { title: { zh: 'JSON 含有禁用的键名', en: 'JSON holds a forbidden key' } },
  BAD_SHAPE: { title: { zh: '消息结构不符合约定', en: 'The message has the wrong shape' } },
  TOO_MANY_ITEMS: { title: { zh: '一条消息的数据项过多', en: 'Too many items in one message' } },
  BAD_MESSAGE_ID: { title: { zh: '消息编号有误', en: 'Bad message id' } },
  BAD_TIME: { title: { zh: '时间格式有误', en: 'Bad time' } },
  BAD_STATE: { title: { zh: '在线状态取值有误', en: 'Bad state value' } },
  BAD_EVENT: { title: { zh: '事件格式有误', en: 'Bad event' } },
  BAD_ACK: { title: { zh: '指令回执格式有误', en: 'Bad command acknowledgement' } },
  BAD_COMPONENT: { title: { zh: '部件编号缺失或有误', en: 'Missing or bad component key' } },
  IDENTITY_MISSING: { title: { zh: '消息中没有设备标识', en: 'The message names no device' } },
  DECODER_FAILED: { title: { zh: '解码函数出错', en: 'The decoder failed' } },
  READING_WRONG_TYPE: { title: { zh: '读数类型不符', en: 'Reading of the wrong type' } },
  READING_OUT_OF_RANGE: { title: { zh: '读数超出量程', en: 'Reading out of range' } },
  READING_NOT_FINITE: { title: { zh: '读数不是有限数值', en: 'Reading is not a finite number' } },
  READING_NOT_LISTED: { title: { zh: '读数不在允许的取值中', en: 'Reading is not one of the listed values' } },
  READING_BAD_TEXT: { title: { zh: '文本读数含有非法字符或过长', en: 'Text reading is malformed or too long' } },
  READING_REQUIRED: { title: { zh: '缺少必需的读数', en: 'A required reading is missing' } },
} as const satisfies Record<string, RefusalRow>;

export type RefusalCode = keyof typeof REFUSALS;

export const REFUSAL_CODES = Object.keys(REFUSALS) as RefusalCode[];
