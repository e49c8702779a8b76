import type { World } from './world.ts';

/** What people leave on their desks: a person on duty, a silence, a window, a device that awaits approval, a handover. */
export async function fillDesks({ admin }: World): Promise<void> {
  await admin.post('/vendors', {
    id: 'hengce',
    name: '恒测传感技术有限公司',
    contact: { name: '孙工', phone: '021-55550140' },
  });
  await admin.post('/devices', {
    id: 'smoke-90',
    type: 'generic/smoke-detector',
    name: '银杏居民区活动室烟感',
    module: 'twin',
    vendorId: 'hengce',
    orgId: 'hood-ginkgo',
    location: { lat: 31.141, lon: 121.511 },
  });
  await admin.post('/silences', {
    name: '厢房粉刷',
    scope: { devices: ['garbage-01'] },
    endsAt: new Date(Date.now() + 2 * 3_600_000).toISOString(),
    reason: '厢房粉刷，传感器临时取下',
  });
  await admin.post('/maintenance-windows', {
    name: '充电桩季度保养',
    scope: { devices: ['ev-01'] },
    startsAt: new Date(Date.now() + 3_600_000).toISOString(),
    endsAt: new Date(Date.now() + 4 * 3_600_000).toISOString(),
    reason: '季度保养',
  });
  await admin.post('/notification-channels', {
    name: '值班群',
    kind: 'webhook',
    config: { url: 'http://127.0.0.1:9/hook' },
  });
  await admin.post('/handovers', {
    kind: 'custody',
    fromOrgId: 'hood-camphor',
    toOrgId: 'management-office',
    deviceIds: ['garbage-01'],
    date: new Date().toISOString().slice(0, 10),
    note: '质保期满，移交管理办',
  });
}
