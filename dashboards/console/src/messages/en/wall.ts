import type { wall as words } from '../zh-CN/wall.ts';

export const wall: Readonly<Record<keyof typeof words, string>> = {
  'wall.title': 'Wall screen',
  'wall.of': '{street} · state of devices',
  'wall.full': 'Full screen',
  'wall.leave': 'Leave',
  'wall.lost': 'NO CONNECTION',
  'wall.lostFor': 'Nothing heard of the gateway for {length}; what you see may be out of date',
  'wall.overdue': 'Overdue',
  'wall.rates': 'Availability, 30 days',
  'wall.incidents': 'Open incidents by cause',
};
