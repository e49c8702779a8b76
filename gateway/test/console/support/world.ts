import type { Browser } from 'playwright-core';
import { type ApiClient, login } from '../../../../tools/simulator/api-client.ts';
import { buildStreet, type Street, type StreetSize } from '../../../../tools/simulator/street.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from '../../support/gateway-process.ts';
import { type Look, openBrowser, openScreen, type Person, type Screen } from './browser.ts';

export interface World {
  readonly gateway: GatewayProcess;
  readonly street: Street;
  readonly admin: ApiClient;
  readonly browser: Browser;
  readonly people: Readonly<Record<Who, Person>>;
  api(who: Who): Promise<ApiClient>;
  screen(who: Who | null, look?: Look): Promise<Screen>;
  end(): Promise<void>;
}

/** Faults of a small street show in seconds. */
const SOON = {
  groupHold: '2s',
  ticketStableFor: '3s',
  describeEvery: '15s',
  pictureEvery: '15s',
  pictureConfirm: '6s',
};
/** The first camera has an address of its own (ONVIF), the other four share a recorder's. */
const SMALL: StreetSize = {
  cameras: 5,
  ebikeChargers: 3,
  evChargers: 1,
  garbageRooms: 2,
  smokeDetectors: 1,
  parkingGates: 0,
};
const INTERVAL_MS = 2_000;
const NEXT_PASSWORD = 'Whole-path-2027!';

/** Roles with the organisation they belong to; the street's maintenance unit of cameras repairs. */
const HOUSE = {
  dispatcher: { role: 'dispatcher', name: '值班员小陈' },
  maintainer: { role: 'maintainer', name: '维保员老刘', orgId: 'unit-video' },
  committee: { role: 'committee', name: '居民区王书记', orgId: 'hood-ginkgo' },
  viewer: { role: 'viewer', name: '只读账号' },
  auditor: { role: 'auditor', name: '审计员' },
} as const;
export type Who = 'admin' | keyof typeof HOUSE;

/** A gateway of its own with a street, people and a browser; takes about ten seconds. */
export async function makeWorld(options: { size?: Partial<StreetSize> } = {}): Promise<World> {
  const undo: (() => Promise<unknown>)[] = [];
  const end = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const dir: DataDir = await makeMigratedDataDir();
    undo.push(() => dir.remove());
    const gateway = await startGateway(dir.path);
    undo.push(() => gateway.stop());
    const admin = await gateway.api();
    await admin.put('/settings', SOON);
    const street = await buildStreet({
      api: admin,
      mqttUrl: `mqtt://127.0.0.1:${gateway.mqtt}`,
      size: { ...SMALL, ...options.size },
      intervalMs: INTERVAL_MS,
    });
    undo.push(() => street.stop());
    await street.start();
    const people = { admin: { username: 'admin', password: NEXT_PASSWORD }, ...(await hire(gateway, admin)) };
    const browser = await openBrowser();
    undo.push(() => browser.close());
    return {
      gateway,
      street,
      admin,
      browser,
      people,
      api: (who) => login(gateway.base, people[who].username, NEXT_PASSWORD, NEXT_PASSWORD),
      screen: (who, look) => openScreen(browser, gateway.base, who && people[who], look),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function hire(gateway: GatewayProcess, admin: ApiClient): Promise<Record<keyof typeof HOUSE, Person>> {
  const made = await Promise.all(
    Object.entries(HOUSE).map(async ([username, person]) => {
      const { password } = await admin.post<{ password: string }>('/users', { username, ...person });
      await login(gateway.base, username, password, NEXT_PASSWORD);
      return [username, { username, password: NEXT_PASSWORD }] as const;
    }),
  );
  return Object.fromEntries(made) as Record<keyof typeof HOUSE, Person>;
}
