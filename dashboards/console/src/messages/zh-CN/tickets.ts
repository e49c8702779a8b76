export const tickets = {
  'photos.add': '拍照或选图',
  'photos.remove': '移除 {name}',
  'photos.phase.before': '处置前',
  'photos.phase.after': '处置后',
  'photos.phase.other': '其他',
  'photos.near': '距设备 {metres} 米',
  'photos.far': '距设备 {metres} 米，偏远',
  'photos.repeated': '此前上传过的同一文件',
} as const;
