export const wall = {
  'wall.title': '大屏',
  'wall.of': '{street} · 物联感知运行态势',
  'wall.full': '全屏',
  'wall.leave': '退出',
  'wall.lost': '失去连接',
  'wall.lostFor': '已 {length} 未收到网关数据，以下内容可能已不是最新',
  'wall.overdue': '超时工单',
  'wall.rates': '在线率（近 30 天）',
  'wall.incidents': '未恢复告警（按原因）',
} as const;
