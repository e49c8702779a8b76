/**
 * What every field of the grammar means, by the section it stands in: Chinese, and English where the grammar itself has no
 * description. The pages for vendors are made of it; a field without words fails grammar-doc.test.ts.
 */

export interface FieldWords {
  readonly zh: string;
  readonly en?: string;
}

const TITLE = { zh: '中文和英文名称', en: 'Name in Chinese and English.' };
const FROM_BYTES = {
  hex: {
    zh: '数据帧所在：指向十六进制文本的 JSON 指针；`payload` 表示整条消息',
    en: 'The frame is hex text at this pointer; `payload` is the whole message.',
  },
  base64: {
    zh: '数据帧所在：指向 Base64 文本的 JSON 指针；`payload` 表示整条消息',
    en: 'The frame is base64 text at this pointer; `payload` is the whole message.',
  },
  bytes: { zh: '整条消息就是二进制数据帧', en: 'The message itself is the binary frame.' },
};
const OFFSET = '从帧首数起的字节位置；负数从帧尾数起';
const WHEN = { zh: '仅当主题中的 {名称} 或指针处的值等于所列值（之一）时才适用，如 { /fPort: 2 }' };
const SEVERITY = { zh: '级别：提示、次要、重要、紧急', en: 'How bad it is.' };
const LIFE_SAFETY = {
  zh: '是否涉及生命安全（烟雾、漏电、过热等）；为真时级别必须是 critical，立即上报，不等待、不合并',
  en: 'Smoke, leakage, overheating: must be critical and waits for nothing.',
};
const ADVICE = { zh: '处置建议，显示在工单中' };
const LEAST = { zh: '最小值，小于它的值被拒收', en: 'Smaller values are refused.' };
const MOST = { zh: '最大值，大于它的值被拒收', en: 'Larger values are refused.' };
const UNIT = { zh: '单位，UCUM 代码；无量纲写 "1"' };
const VALUE_TYPE = { zh: '值的类型：数值、文本、布尔', en: 'Kind of the value.' };
const TEXT_LENGTH = { zh: '文本的最大长度', en: 'Longest text.' };

export const GRAMMAR_WORDS: Readonly<Record<string, Readonly<Record<string, FieldWords>>>> = {
  '': {
    id: { zh: '编号：厂商/型号，也是文件的路径；厂商自己的类型以厂商编号开头' },
    title: TITLE,
    source: { zh: '消息格式的出处' },
    module: { zh: '业务模块，如 charging（充电设施）' },
    adapter: { zh: '接入方式：mqtt、rtsp、onvif', en: 'How it speaks: mqtt, rtsp, onvif.' },
    topics: {
      zh: '设备发布的主题；只被探测的设备不填',
      en: 'Topics it publishes; none for devices that are only probed.',
    },
    identify: { zh: '怎样知道一条消息属于哪台设备', en: 'Which device a message is of.' },
    frame: { zh: '数据帧须满足的条件，不满足则整帧拒收', en: 'What a frame must fulfil before it is read.' },
    time: { zh: '设备自己的时间；不填则用接收时间', en: 'Time of the device; absent: when the message arrived.' },
    msgId: { zh: '指向消息编号的 JSON 指针；相同编号视为重复' },
    state: {
      zh: '表示在线、离线的主题（通常是遗嘱消息）',
      en: 'The topic that says online or offline, usually the will.',
    },
    decode: { zh: '同目录下的“型号.decode.ts”先把消息转换为 JSON；厂商上传的类型不能使用' },
    metrics: { zh: '指标：名称 → 定义', en: 'Name → metric.' },
    components: {
      zh: '重复的部件（充电口、垃圾桶等），读数写作 ports.3.current',
      en: 'Repeated parts; a reading becomes ports.3.current.',
    },
    ignore: { zh: '不必列为“未知”的名称；"*" 表示其余全部' },
    events: { zh: '事件：代码 → 定义', en: 'Code → event.' },
    alarms: { zh: '告警：代码 → 规则', en: 'Code → rule.' },
    commands: { zh: '可下发的指令：名称 → 定义', en: 'Name → command it can be given.' },
    health: { zh: '多久上报一次、多久算离线', en: 'How often it speaks and when it counts as gone.' },
    examples: {
      zh: '样例消息及应得结果；每次上传都会运行，至少一个正常、一个错误',
      en: 'Messages and what must come of them; at least one usual and one broken.',
    },
  },
  'topics/*': {
    topic: { zh: '主题；{名称} 代表一级或一级的一部分', en: 'The topic; a {capture} is one level or a part of it.' },
    format: { zh: '消息格式：json（默认）；value 为单个数值、true/false 或文本；bytes 为二进制；text 按 `split` 切分' },
    split: { zh: '用于 text：`by` 为分隔符，切成 /0、/1 …；有 `assign` 时为“名称=值”' },
    inner: { zh: '该指针处的文本本身是 JSON，读取其内容' },
    body: { zh: '指标指针的起点；"" 为整条消息' },
    pairs: { zh: '把 { 名称, 值 } 的列表变为一个对象：[{n: temp, v: 23}] → { temp: 23 }' },
    list: { zh: '消息可以是多条上报的数组；或指向该数组的指针' },
  },
  identify: {
    from: {
      zh: '设备标识所在：主题中的 {名称}、JSON 指针或字节字段',
      en: 'Where the mark stands: a {capture}, a pointer or a byte field.',
    },
    match: { zh: '标识对应登记的编号、序列号还是外部编号', en: 'What it is compared with.' },
  },
  'identify/from': {
    ...FROM_BYTES,
    offset: { zh: OFFSET },
    type: { zh: '数据类型；bcd 为半字节十进制数值，bcdText、hexText、ascii 为文本，这四种须写 length' },
    length: { zh: 'bcd、bcdText、hexText、ascii 的字节数' },
    endian: {
      zh: '字节顺序：big 高位在前（默认），little 低位在前；bigSwapped 字序颠倒（Modbus 的 CDAB）；littleSwapped 每字内字节对调（BADC）',
    },
    bit: { zh: '取这一位作为布尔值' },
    bits: { zh: '取其中几位作为数值；from 从最低位数起' },
    minus: { zh: '读取前每个字节先减去它（DL/T 645 为 0x33，即 51）' },
  },
  frame: {
    ...FROM_BYTES,
    starts: { zh: '帧首字节，十六进制' },
    minLength: { zh: '帧的最小字节数', en: 'Fewest bytes of a frame.' },
    checksum: { zh: '校验范围从 from（默认 0）到 `to` 之前；校验和在 `at`（默认同 `to`）' },
  },
  'frame/checksum': {
    type: { zh: '校验算法', en: 'How it is counted.' },
    from: { zh: `校验起点；${OFFSET}` },
    to: { zh: `校验终点（不含）；${OFFSET}` },
    at: { zh: `校验和的位置；${OFFSET}` },
    endian: { zh: '两字节校验和的字节顺序', en: 'Order of the two bytes of a CRC.' },
  },
  time: {
    from: {
      zh: '时间所在：指针；日期与时间分开时为两三个指针（以空格相接）；或字节字段',
      en: 'A pointer, two or three pointers (date, time) joined by a blank, or a byte field.',
    },
    format: {
      zh: '写法：iso（须带时区）、秒/毫秒/微秒/纳秒时间戳、local（当地时间）',
      en: 'iso (with offset), an epoch number, or local wall time.',
    },
    pattern: { zh: 'local 的写法：yyyy yy MM M dd d HH H mm m ss s SSS，其余字符照写，如 yyyy年M月d日 HH:mm:ss' },
    zone: { zh: 'local 的时区，如 Asia/Shanghai' },
  },
  state: {
    topic: { zh: '表示在线状态的主题', en: 'The topic that says it.' },
    from: { zh: '状态值所在的 JSON 指针；"" 为整条消息' },
    online: { zh: '表示在线的值（一个或多个）', en: 'The value or values that mean online.' },
    offline: { zh: '表示离线的值（一个或多个）', en: 'The value or values that mean offline.' },
    identify: { zh: '与文件的 identify 不同时，在此填写', en: 'When it differs from that of the file.' },
  },
  'metrics/*': {
    title: TITLE,
    from: {
      zh: '值所在：JSON 指针、主题中的 {名称} 或字节字段；不填则为指标自己的名称',
      en: 'A pointer, a {capture} or a byte field; absent: its own name.',
    },
    when: WHEN,
    type: VALUE_TYPE,
    unit: UNIT,
    min: { zh: '换算后的最小值，小于它的值被拒收', en: 'After scaling; smaller values are refused.' },
    max: { zh: '换算后的最大值，大于它的值被拒收', en: 'After scaling; larger values are refused.' },
    scale: { zh: '值 = 原始值 × scale + offset' },
    offset: { zh: '换算时加上的数', en: 'Added after scale.' },
    map: { zh: '原始值（按文本）→ 值；未列出的被拒收' },
    nulls: { zh: '表示“没有读数”的原始值；null 始终如此' },
    values: { zh: '文本指标允许的全部取值及其名称' },
    fromText: { zh: '设备把数值或布尔值写成文本；不是直接写法时说明怎样读' },
    maxLength: TEXT_LENGTH,
    freshWithin: { zh: '超过这么久没有新值即为数据过期，如 30s 5m 12h 30d' },
    required: { zh: '必填：每条消息都须有，试运行也以它为准', en: 'Every message has it; a trial is judged by it.' },
  },
  'metrics/*/fromText': {
    decimal: { zh: '小数点的写法，默认 "."' },
    group: { zh: '千位分隔符' },
    units: { zh: '数值后可能出现的单位 → 换算系数：{ "°C": 1, kW: 1000 }' },
    radix: { zh: '数值为十六进制，可带 0x' },
  },
  'components/*': {
    title: TITLE,
    from: { zh: '指向部件的 JSON 指针；一级写 * 表示逐个进入列表：/groups/*/ports' },
    key: { zh: '部件的编号：部件内的指针或主题中的 {名称}；不填则为对象，以键名为编号' },
    index: { zh: '列表没有编号时，从这个数开始依次编号' },
    when: WHEN,
    max: { zh: '部件的最大数量', en: 'Most parts there can be.' },
    metrics: { zh: '每个部件的指标', en: 'Metrics of each part.' },
  },
  'events/*': {
    title: TITLE,
    severity: SEVERITY,
    lifeSafety: LIFE_SAFETY,
    advice: ADVICE,
    from: { zh: '事件由哪个字段表示；与 is 一起用，不填则由设备直接上报代码' },
    is: { zh: '该字段为此值（之一）时即为此事件', en: 'The value or values of that field that mean the event.' },
    when: WHEN,
  },
  'alarms/*': {
    title: TITLE,
    when: {
      zh: '告警条件，如 any(ports.*.current) > 12；rate(level, 10m) 每分钟变化、delta(level, 10m) 变化量、absent(level, 24h) 缺失、count(doorOpen, 10m) 次数',
      en: 'The rule: any(ports.*.current) > 12; rate(level, 10m) is change per minute, delta change, absent(level, 24h) silence, count(doorOpen, 10m) times.',
    },
    for: { zh: '条件须持续多久，如 30s' },
    clear: {
      zh: '解除条件（应留有回差），如 all(ports.*.current) < 10',
      en: 'What ends it, with hysteresis: all(ports.*.current) < 10.',
    },
    severity: SEVERITY,
    lifeSafety: LIFE_SAFETY,
    advice: ADVICE,
  },
  'commands/*': {
    title: TITLE,
    params: { zh: '参数：名称 → 定义；下发前逐项检查', en: 'Name → parameter; checked before it is sent.' },
    timeout: { zh: '等待回执多久，如 30s' },
    danger: { zh: '可能伤人或困人：须写原因，厂商不能下发' },
  },
  'commands/*/params/*': {
    title: TITLE,
    type: VALUE_TYPE,
    unit: UNIT,
    min: LEAST,
    max: MOST,
    integer: { zh: '只接受整数', en: 'Whole numbers only.' },
    values: { zh: '允许的全部取值', en: 'All allowed values.' },
    maxLength: TEXT_LENGTH,
    required: { zh: '必填', en: 'Must be given.' },
  },
  health: {
    interval: { zh: '上报周期，如 30s 5m 12h 30d；不填时须写 learn: true' },
    learn: { zh: '离线期限按每台设备实际的上报间隔推算' },
    offlineAfter: { zh: '多久没有消息即为离线；默认 3 个周期' },
    hold: { zh: '故障须持续多久才立案' },
    recoverAfter: { zh: '须正常多久才算恢复' },
    retirementCandidateAfter: { zh: '离线多久后列为待报废' },
  },
  'examples/*': {
    name: { zh: '样例名称', en: 'What it shows.' },
    topic: { zh: '主题', en: 'Its topic.' },
    payload: { zh: '消息内容；文本原样发送，其余按 JSON 发送' },
    payloadEncoding: { zh: '二进制消息的写法', en: 'How a binary payload is written here.' },
    source: { zh: '这条消息的出处' },
    readings: { zh: '应得到的读数', en: 'The readings it must give.' },
    events: {
      zh: '应得到的事件；部件的事件写作 chargeStart@3',
      en: 'The events it must give; of a part: chargeStart@3.',
    },
    unknown: { zh: '应列为未知的名称', en: 'The names it must list as unknown.' },
    claim: { zh: '应得到的在线状态', en: 'The state it must claim.' },
    identity: { zh: '应识别出的设备标识', en: 'The device it must name.' },
    time: { zh: '应得到的设备时间，ISO 8601 带时区' },
    refused: { zh: '应得到的拒收代码；单独写表示整条拒收，与 readings 同写表示只拒收一部分' },
  },
};
