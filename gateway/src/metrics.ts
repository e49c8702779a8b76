import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CAMERA_STAGE_NAMES, type CameraStage } from './domain/camera-archive.ts';
import { DISK_LEVELS, type DiskState } from './domain/capacity.ts';
import { COMMAND_STATES, type CommandState } from './domain/command.ts';
import { HEALTH_STATES, type HealthState } from './domain/health.ts';
import { TICKET_STAGES, type TicketStage } from './domain/ticket.ts';

export const BUCKETS = ['received', 'recovered', 'stored', 'duplicate', 'rejected', 'quarantined', 'spooled'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Seconds; from a memory access to a hanging peer. */
const LATENCY = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Every Prometheus metric of the gateway, by name. Labels are closed sets (bucket, state, stage, route): never a device
 * or a vendor. Arguments named `ms` are milliseconds, published as seconds.
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Histogram({ name, help, labelNames, buckets: LATENCY, registers });

  const messages = counter('cgw_ingest_messages_total', 'Messages by where they ended', ['bucket']);
  const readings = counter('cgw_readings_total', 'Readings stored, repeated or in conflict', ['outcome']);
  const drain = histogram('cgw_drain_seconds', 'One batch from the spool to the committed database');
  const drainFailures = counter('cgw_drain_failures_total', 'Batches the database refused or could not take', ['code']);
  const puback = histogram('cgw_puback_seconds', 'From the PUBLISH packet to its durable PUBACK');
  const spoolRecords = gauge('cgw_spool_records', 'Messages in the spool and not yet drained');
  const spoolBytes = gauge('cgw_spool_bytes', 'Bytes of the spool on disk');
  const spoolLimit = gauge('cgw_spool_limit_bytes', 'Bytes at which the spool is full');
  const spoolLost = gauge('cgw_spool_lost_records', 'Acknowledged messages a damaged disk swallowed, since the start');
  const spoolOldest = gauge('cgw_spool_oldest_seconds', 'Age of the oldest message not yet drained');
  const connections = gauge('cgw_mqtt_connections', 'Open MQTT sessions');
  const mqttLogins = counter('cgw_mqtt_logins_total', 'MQTT logins by outcome', ['outcome']);
  const brokerUp = gauge('cgw_broker_up', 'Whether the external broker is reached; absent with the embedded one');
  const brokerManaged = gauge('cgw_broker_managed', 'Whether its logins are kept by the registry');
  const brokerDropped = gauge('cgw_broker_dropped_messages', 'Messages it dropped after acknowledging them');
  const loginsMissing = gauge('cgw_broker_logins_missing', 'Devices that need a new secret to log in to it');
  const loginsPending = gauge('cgw_broker_logins_pending', 'New secrets it was not told yet');
  for (const one of [brokerUp, brokerManaged, brokerDropped, loginsMissing, loginsPending]) one.remove();
  const mqttRefused = counter('cgw_mqtt_refused_total', 'Packets and subscriptions refused', ['reason']);
  const devices = gauge('cgw_devices', 'Judged devices by health', ['state']);
  const sweep = histogram('cgw_monitor_sweep_seconds', 'One sweep over the due deadlines');
  const judged = counter('cgw_monitor_judgements_total', 'Facts judged, by resulting state', ['state']);
  const incidents = gauge('cgw_incidents_open', 'Open incidents');
  const tickets = gauge('cgw_tickets', 'Tickets by stage', ['stage']);
  const outboxPending = gauge('cgw_outbox_pending', 'Notifications not yet delivered');
  const outboxOldest = gauge('cgw_outbox_oldest_seconds', 'Age of the oldest undelivered notification');
  const outboxSent = counter('cgw_outbox_deliveries_total', 'Delivery attempts', ['channel', 'outcome']);
  const exchanged = counter('cgw_exchange_deliveries_total', 'Messages to upper platforms by what they said', [
    'outcome',
  ]);
  const exchangeBacklog = gauge('cgw_exchange_backlog', 'Items upper platforms do not have yet');
  const exchangeInterfaces = gauge('cgw_exchange_interfaces', 'Interfaces to upper platforms by state', ['state']);
  const backupAge = gauge('cgw_backup_age_seconds', 'Age of the newest usable backup; absent before the first');
  backupAge.remove();
  const stuck = gauge('cgw_stuck', 'What the auditor found standing still, by kind', ['kind']);
  const diskUsed = gauge('cgw_disk_used_bytes', 'Bytes in use on the disk of the data directory, or by the database', [
    'area',
  ]);
  const diskTotal = gauge('cgw_disk_total_bytes', 'Bytes there are, or the budget; absent when nobody named one', [
    'area',
  ]);
  const diskLevel = gauge('cgw_disk_level', 'How full: 0 ok, 1 warning, 2 serious, 3 full', ['area']);
  const diskFull = gauge('cgw_disk_full_seconds', 'Time until it is full at its measured growth; absent = never', [
    'area',
  ]);
  const commands = counter('cgw_commands_total', 'Commands to devices by how they ended', ['state']);
  const probes = counter('cgw_probes_total', 'Probes by reason', ['reason']);
  const probeSeconds = histogram('cgw_probe_seconds', 'Duration of one probe');
  const probesInFlight = gauge('cgw_probes_in_flight', 'Probes running now');
  const probesOverdue = gauge('cgw_probes_overdue', 'Probes whose time has come and which wait for a slot');
  const processes = gauge('cgw_video_processes', 'Child processes by kind', ['kind', 'state']);
  const processEnds = counter('cgw_video_processes_ended_total', 'Child processes by how they ended', [
    'kind',
    'outcome',
  ]);
  const processCpu = counter('cgw_video_cpu_seconds_total', 'Processor time of ended child processes', ['kind']);
  const cameras = gauge('cgw_cameras', 'Cameras in service by stage', ['stage']);
  const firstFrame = new Histogram({
    name: 'cgw_camera_first_frame_seconds',
    help: 'From registration (or 换机) to the first frame',
    buckets: [1, 2.5, 5, 10, 30, 60, 300, 3_600, 86_400, 604_800],
    registers,
  });
  const snapshots = counter('cgw_snapshots_total', 'Pictures asked of cameras', ['origin', 'outcome']);
  const pictureBytes = gauge('cgw_pictures_bytes', 'Bytes of stored pictures');
  const picturesDamaged = counter('cgw_pictures_damaged_total', 'Stored pictures found damaged or lost when read');
  const eventVisits = counter('cgw_camera_event_visits_total', 'What came of asking ONVIF cameras for events', [
    'outcome',
  ]);
  const cameraEvents = counter('cgw_camera_events_total', 'Events of ONVIF cameras by what became of them', [
    'outcome',
  ]);
  const pullPoints = gauge('cgw_camera_event_subscriptions', 'Subscriptions to events held at ONVIF cameras');
  const loopDelay = gauge('cgw_event_loop_delay_seconds', 'Event-loop delay over the last interval', ['quantile']);
  const memory = gauge('cgw_resident_memory_bytes', 'Resident memory of the process');
  const http = histogram('cgw_http_request_seconds', 'HTTP requests by route', ['method', 'route', 'status']);
  const nodes = gauge('cgw_processes', 'Processes of this gateway by what they do and whether they say so', [
    'role',
    'state',
  ]);
  const awayUndrained = gauge('cgw_away_undrained_messages', 'Messages in spools of processes that are away');
  const leader = gauge('cgw_leader', 'Whether this process judges devices; one of all does');
  const evidenceWaiting = gauge('cgw_evidence_waiting', 'Facts about devices not yet told to the process that judges');
  const evidenceLost = counter('cgw_evidence_lost_total', 'Facts about devices given up while the database was away');
  const evidenceUnsettled = gauge('cgw_evidence_unsettled', 'Batches the leader heard and has not judged by for good');
  const ready = gauge('cgw_ready', 'Parts of the gateway: 1 ready, 0.5 degraded, 0 down', ['part']);

  // A counter that has never counted still shows as 0, so a rate over it exists from the first scrape.
  for (const bucket of BUCKETS) if (bucket !== 'spooled') messages.inc({ bucket }, 0);
  for (const state of HEALTH_STATES) devices.set({ state }, 0);
  for (const state of COMMAND_STATES) if (state !== 'sent') commands.inc({ state }, 0);
  for (const stage of TICKET_STAGES) tickets.set({ stage }, 0);
  for (const stage of CAMERA_STAGE_NAMES) cameras.set({ stage }, 0);

  /** A slow or failing source never breaks the scrape of the others. */
  const collectors: (() => void | Promise<void>)[] = [];
  let leads = () => true;

  return {
    registry,
    /** Called before each scrape, for values that are cheaper to read than to keep. Must not throw. */
    onCollect: (work: () => void | Promise<void>) => void collectors.push(work),
    /** The same for what every process would read from the database alike: one of them tells, so that sums are right. */
    onCollectShared: (work: () => void | Promise<void>) => void collectors.push(() => (leads() ? work() : undefined)),
    /** How the processes that may judge stand; `leads` says who tells what is shared. */
    leadership(
      is: () => boolean,
      evidence: () => { readonly waiting: number; readonly lost: number; readonly unsettled: number },
    ) {
      leads = is;
      collectors.push(() => {
        const { waiting, lost, unsettled } = evidence();
        leader.set(is() ? 1 : 0);
        evidenceWaiting.set(waiting);
        evidenceUnsettled.set(unsettled);
        evidenceLost.reset();
        evidenceLost.inc(lost);
      });
    },
    async text(): Promise<string> {
      await Promise.allSettled(collectors.map(async (work) => work()));
      return registry.metrics();
    },
    ingest: {
      received: (count: number) => messages.inc({ bucket: 'received' }, count),
      recovered: (count: number) => messages.inc({ bucket: 'recovered' }, count),
      drained(counts: Readonly<Partial<Record<Bucket, number>>>, ms: number) {
        for (const [bucket, count] of Object.entries(counts))
          if (count) messages.inc({ bucket: bucket as Bucket }, count);
        drain.observe(ms / 1_000);
      },
      failed: (code: string) => drainFailures.inc({ code }),
      readings: (outcome: 'stored' | 'duplicate' | 'conflict' | 'poison', count: number) =>
        readings.inc({ outcome }, count),
      puback: (ms: number) => puback.observe(ms / 1_000),
    },
    spool(values: { records: number; bytes: number; limitBytes: number; oldestMs: number; lost: number }) {
      spoolLost.set(values.lost);
      spoolRecords.set(values.records);
      spoolBytes.set(values.bytes);
      spoolLimit.set(values.limitBytes);
      spoolOldest.set(values.oldestMs / 1_000);
    },
    mqtt: {
      connections: (count: number) => connections.set(count),
      login: (outcome: string) => mqttLogins.inc({ outcome }),
      refused: (reason: string) => mqttRefused.inc({ reason }),
    },
    /** How an external broker stands. */
    broker(now: { up: boolean; managed: boolean; dropped: number; missing: number; pending: number }) {
      brokerUp.set(now.up ? 1 : 0);
      brokerManaged.set(now.managed ? 1 : 0);
      brokerDropped.set(now.dropped);
      loginsMissing.set(now.missing);
      loginsPending.set(now.pending);
    },
    monitor: {
      devices: (counts: Readonly<Partial<Record<HealthState, number>>>) => {
        for (const state of HEALTH_STATES) devices.set({ state }, counts[state] ?? 0);
      },
      sweep: (ms: number) => sweep.observe(ms / 1_000),
      judged: (state: HealthState, count = 1) => judged.inc({ state }, count),
      incidents: (open: number) => incidents.set(open),
    },
    tickets: {
      stages: (counts: Readonly<Partial<Record<TicketStage, number>>>) => {
        for (const stage of TICKET_STAGES) tickets.set({ stage }, counts[stage] ?? 0);
      },
    },
    outbox: {
      pending: (count: number, oldestMs: number) => {
        outboxPending.set(count);
        outboxOldest.set(oldestMs / 1_000);
      },
      delivered: (channel: string, outcome: 'sent' | 'retry' | 'permanent') => outboxSent.inc({ channel, outcome }),
    },
    exchange: {
      tried: (outcome: 'taken' | 'refused' | 'failed') => exchanged.inc({ outcome }),
      looked(figures: { readonly backlog: number; readonly states: Readonly<Record<string, number>> }) {
        exchangeBacklog.set(figures.backlog);
        for (const [state, count] of Object.entries(figures.states)) exchangeInterfaces.set({ state }, count);
      },
    },
    /** Of a gateway that is one process nothing is told. */
    processes(all: readonly { readonly roles: readonly string[]; readonly state: string }[], undrained: number) {
      nodes.reset();
      for (const { roles, state } of all) for (const role of roles) nodes.inc({ role, state });
      awayUndrained.set(undrained);
    },
    backupAge: (ms: number) => backupAge.set(ms / 1_000),
    stuck(found: readonly { readonly code: string; readonly count: number }[]) {
      stuck.reset();
      for (const { code, count } of found) stuck.set({ kind: code }, count);
    },
    disk({ area, usedBytes, totalBytes, level, fullInDays }: DiskState) {
      diskUsed.set({ area }, usedBytes);
      diskLevel.set({ area }, DISK_LEVELS.indexOf(level));
      if (totalBytes === null) diskTotal.remove({ area });
      else diskTotal.set({ area }, totalBytes);
      if (fullInDays === null) diskFull.remove({ area });
      else diskFull.set({ area }, fullInDays * 86_400);
    },
    commandEnded: (state: CommandState) => commands.inc({ state }),
    probes: {
      done: (reason: string, ms: number) => {
        probes.inc({ reason });
        probeSeconds.observe(ms / 1_000);
      },
      load: (inFlight: number, overdue: number) => {
        probesInFlight.set(inFlight);
        probesOverdue.set(overdue);
      },
    },
    video: {
      processes(kind: string, running: number, queued: number) {
        processes.set({ kind, state: 'running' }, running);
        processes.set({ kind, state: 'queued' }, queued);
      },
      processEnded(kind: string, outcome: string, cpuMs: number) {
        processEnds.inc({ kind, outcome });
        processCpu.inc({ kind }, cpuMs / 1_000);
      },
    },
    cameras: {
      stages: (counts: Readonly<Partial<Record<CameraStage, number>>>) => {
        for (const stage of CAMERA_STAGE_NAMES) cameras.set({ stage }, counts[stage] ?? 0);
      },
      firstFrame: (ms: number) => firstFrame.observe(ms / 1_000),
    },
    pictures: {
      taken: (origin: string, outcome: 'ok' | 'failed' | 'old') => snapshots.inc({ origin, outcome }),
      bytes: (bytes: number) => pictureBytes.set(bytes),
      damaged: () => picturesDamaged.inc(),
    },
    cameraEvents: {
      visited: (outcome: string) => eventVisits.inc({ outcome }),
      counted: (outcome: 'kept' | 'nothingNew' | 'lost') => cameraEvents.inc({ outcome }),
      subscriptions: (count: number) => pullPoints.set(count),
    },
    process: {
      loopDelay: (quantile: 'p50' | 'p99' | 'max', ms: number) => loopDelay.set({ quantile }, ms / 1_000),
      memory: (bytes: number) => memory.set(bytes),
    },
    http: (method: string, route: string, status: number, ms: number) =>
      http.observe({ method, route, status: String(status) }, ms / 1_000),
    ready: (part: string, state: 'ready' | 'degraded' | 'down') =>
      ready.set({ part }, state === 'ready' ? 1 : state === 'degraded' ? 0.5 : 0),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
