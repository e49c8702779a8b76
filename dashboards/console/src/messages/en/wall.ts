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
  'wall.causes': 'of {n} causes',
  'wall.and': ', ',
  'wall.news': 'Latest',
  'wall.noNews': 'Nothing came and nothing went of late',
  'wall.over': 'Over',
  'wall.overOf': 'Over: {what}',
  'wall.byOrg': 'Devices by neighbourhood',
  'wall.noOrg': 'Of nobody',
  'wall.size': 'Size of letters',
  'wall.size.standard': 'Normal',
  'wall.size.large': 'Large',
  'wall.size.largest': 'Largest',
};
