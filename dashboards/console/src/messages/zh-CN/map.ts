export const map = {
  'map.zoomIn': '放大',
  'map.zoomOut': '缩小',
  'map.metres': '{n} 米',
  'map.kilometres': '{n} 千米',
  'map.navigate.amap': '高德地图导航',
  'map.navigate.other': '用其他地图打开',
} as const;
