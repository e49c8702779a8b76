/** Texts a person sees, Chinese (the first language). Keys are flat; `{name}` is a placeholder. */
export const zhCN = {
  'health.online': '在线',
  'health.offline': '离线',
  'health.stale': '数据未更新',
  'health.degraded': '异常',
  'health.flapping': '频繁上下线',
  'health.unknown': '未知',
} as const satisfies Record<string, string>;
