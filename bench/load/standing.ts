import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCare } from '../../gateway/src/assembly/care.ts';
import { createDataPath } from '../../gateway/src/assembly/data-path.ts';
import { layFoundation } from '../../gateway/src/assembly/foundation.ts';
import { createIdentity } from '../../gateway/src/assembly/identity.ts';
import { createMapping } from '../../gateway/src/assembly/mapping.ts';
import { createProof } from '../../gateway/src/assembly/proof.ts';
import { createReporting } from '../../gateway/src/assembly/reports.ts';
import { createRoles } from '../../gateway/src/assembly/roles.ts';
import { createSurface } from '../../gateway/src/assembly/surface.ts';
import { createVideo } from '../../gateway/src/assembly/video.ts';
import { readConfig } from '../../gateway/src/config.ts';
import type { Actor } from '../../gateway/src/domain/actor.ts';

export type Standing = Awaited<ReturnType<typeof standGateway>>;

/** The gateway over a database with nothing started: it answers requests and does nothing else. A token is the name of a reader. */
export async function standGateway(databaseUrl: string, now: number, readers: Readonly<Record<string, Actor>>) {
  const dataDir = mkdtempSync(join(tmpdir(), 'cgw-bench-'));
  const config = readConfig({ CGW_DATA_DIR: dataDir, CGW_DATABASE_URL: databaseUrl, CGW_LOG_LEVEL: 'error' });
  const laid = await layFoundation(config);
  const base = { ...laid, clock: { ...laid.clock, now: () => now } };
  const nothing = () => undefined;
  const never = async () => undefined;
  const mapping = createMapping(base, { room: never });
  const made = createIdentity(base, {
    reactions: {
      onRetired: never,
      onReplaced: never,
      disconnect: never,
      probeNow: nothing,
    },
    deliver: never,
    notices: never,
  });
  const authenticate = async (token: string) => readers[token] ?? null;
  const sessions = { ...made.access.sessions, authenticate };
  const identity = { ...made, access: { ...made.access, sessions } };
  const roles = createRoles(base, { monitor: () => care.monitor, backlog: () => path.spool.status() });
  const path = createDataPath(base, identity, {
    observe: nothing,
    link: nothing,
    probe: nothing,
    vendorLink: nothing,
    condition: nothing,
    turned: nothing,
    probesBlind: nothing,
  });
  const care = createCare(base, identity, path, roles, {
    probeNow: async () => ({ ok: false, reason: 'error' as never, detail: '', rttMs: 0 }),
    inspect: never,
    picturesBefore: async () => new Map(),
  });
  const video = createVideo(base, identity, path, { condition: nothing, sign: nothing, pictureTaken: async () => 0 });
  const proof = createProof(base, identity, never);
  const reporting = createReporting(base, identity, care);
  const { api } = createSurface({ base, identity, mapping, path, care, video, proof, reporting, roles });
  await identity.registry.load();
  await identity.access.refresh();
  await mapping.deviceTypes.start();
  return {
    db: base.db,
    inspections: reporting.inspections,
    reports: reporting.reports,
    api,
    async get(reader: string, url: string) {
      const answer = await api.inject({ url: `/api/v1${url}`, headers: { authorization: `Bearer ${reader}` } });
      return { status: answer.statusCode, body: answer.body };
    },
    async close() {
      await api.close();
      await mapping.deviceTypes.stop();
      await base.store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
