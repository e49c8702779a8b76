/** What GET /overview answers, as far as the demo shows it. */
export interface Overview {
  readonly devices: Readonly<Record<string, number>>;
  readonly messages: Readonly<Record<string, number>>;
  readonly tickets: Readonly<Record<string, number>>;
}

const STATES = {
  online: '在线',
  offline: '离线',
  stale: '数据未更新',
  degraded: '异常',
  flapping: '频繁上下线',
  unknown: '未知',
};
const BUCKETS = {
  received: '收到',
  recovered: '恢复',
  stored: '入库',
  duplicate: '重复',
  rejected: '拒绝',
  quarantined: '隔离',
  spooled: '待入库',
};
const STAGES = {
  discovered: '发现',
  filed: '立案',
  dispatched: '派单',
  handling: '处置',
  verifying: '核查',
  closed: '结案',
  returned: '退回',
  suspended: '挂起',
  falseAlarm: '误报',
  cancelled: '作废',
};
const LOG_LINES = 8;

export interface Screen {
  show(overview: Overview): void;
  /** One line of what just happened. */
  say(what: string): void;
  close(): void;
}

/** One screen that is redrawn on a terminal; plain lines elsewhere. */
export function createScreen(access: { url: string; user: string; password: string; mqtt: number }): Screen {
  const live = process.stdout.isTTY === true;
  const said: string[] = [];
  const head = [
    '城运网关 演示 · chengyun-gateway demo',
    `控制台 console  ${access.url}    用户 user  ${access.user}    密码 password  ${access.password}    MQTT ${access.mqtt}`,
    'Ctrl-C 结束',
  ].join('\n');
  if (!live) console.log(head);
  return {
    show(overview) {
      if (live) process.stdout.write(`\u001b[H\u001b[2J${head}\n\n${tables(overview)}\n\n${said.join('\n')}\n`);
    },
    say(what) {
      const line = `${new Date().toLocaleTimeString('zh-CN', { hour12: false, timeZone: 'Asia/Shanghai' })}  ${what}`;
      said.push(line);
      if (said.length > LOG_LINES) said.shift();
      if (!live) console.log(line);
    },
    close() {
      if (live) process.stdout.write('\n');
    },
  };
}

/** The last words of a demo. */
export function summaryText(overview: Overview): string {
  return `\n演示小结 · summary\n${tables(overview)}`;
}

function tables(overview: Overview): string {
  return [
    `设备 devices   ${row(STATES, overview.devices)}`,
    `消息 messages  ${row(BUCKETS, overview.messages)}`,
    `工单 tickets   ${row(STAGES, overview.tickets)}`,
  ].join('\n');
}

function row(names: Readonly<Record<string, string>>, counts: Readonly<Record<string, number>>): string {
  return Object.entries(names)
    .filter(([key]) => (counts[key] ?? 0) > 0 || key === 'online' || key === 'stored')
    .map(([key, name]) => `${name} ${key} ${counts[key] ?? 0}`)
    .join('  ');
}
