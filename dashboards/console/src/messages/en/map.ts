export const map = {
  'map.zoomIn': 'Zoom in',
  'map.zoomOut': 'Zoom out',
  'map.metres': '{n} m',
  'map.kilometres': '{n} km',
  'map.navigate.amap': 'Navigate with Amap',
  'map.navigate.other': 'Open in another map',
} as const;
