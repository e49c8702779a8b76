import { parseCidr } from '../../../adapters/onvif/scan.ts';
import type { CameraJobPort } from '../api/ports/camera-tools.ts';
import type { Actor } from '../domain/actor.ts';
import type { CameraJob } from '../domain/camera-job.ts';
import type { DeviceKey } from '../domain/device.ts';
import { createCameraJobs } from '../probing/discovery.ts';
import { findOut } from '../probing/findings.ts';
import { registeredCameras } from '../store/camera-lookup.ts';
import { createPtz } from '../video/ptz.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

/** What people ask of the network and of single cameras: searches, looks, turning, restarting. */
export function createCameraTools(
  { log, clock, db, store }: Foundation,
  { registry }: Identity,
  { onvif, rtsp }: Pick<DataPath, 'onvif' | 'rtsp'>,
  masked: (key: DeviceKey) => Promise<boolean>,
) {
  const cameraJobs = createCameraJobs({
    log,
    clock,
    discover: onvif.discover,
    scan: onvif.scan,
    networkFault(cidr) {
      try {
        parseCidr(cidr);
        return undefined;
      } catch (error) {
        if (error instanceof RangeError) return error.message;
        throw error;
      }
    },
    findOut: (connection, options) => findOut({ onvif: onvif.client, rtsp: rtsp.probe }, connection, options),
    registered: (scope, wanted) => registeredCameras(db.autocommit, scope, wanted),
  });
  const ptz = createPtz({
    log,
    clock,
    db,
    audit: store.audit,
    client: onvif.client,
    device: registry.devices.get,
    masked,
    connection: async (key) => (await registry.probeTargets.find([key]))[0]?.connection,
    facts: async (key) => (await store.cameras.byKeys(db.autocommit, [key]))[0]?.camera.facts ?? null,
  });
  /** The job runs in memory, so its entry follows it at once instead of sharing a transaction. */
  const prove = async (actor: Actor, action: string, job: CameraJob) => {
    const { id: resourceId, kind, target } = job;
    const entry = { at: clock.now(), actor, action, resource: 'cameraJobs', resourceId, after: { kind, target } };
    await store.audit.append(db.autocommit, [entry]);
    return job;
  };
  const proven: CameraJobPort = {
    discover: async (actor, input) => prove(actor, 'discover', cameraJobs.discover(actor, input)),
    probe: async (actor, connection) => prove(actor, 'probe', cameraJobs.probe(actor, connection)),
    cancel: async (actor, id) => prove(actor, 'cancel', cameraJobs.cancel(actor, id)),
    list: cameraJobs.list,
    get: cameraJobs.get,
  };
  return {
    cameraJobs: proven,
    ptz,
    /** Ends searches and stops what moves. */
    closeCameraTools: async () => {
      await Promise.all([cameraJobs.stop(), ptz.close()]);
    },
  };
}
