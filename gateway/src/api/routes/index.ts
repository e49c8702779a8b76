import type { RouteContext } from '../deps.ts';
import type { Route } from '../route.ts';
import { accountSecurityRoutes } from './account-security.ts';
import { acknowledgeLinkRoutes } from './acknowledge-link.ts';
import { alarmRuleRoutes } from './alarm-rules.ts';
import { auditRoutes } from './audit.ts';
import { backupRoutes } from './backups.ts';
import { cameraPrivacyRoutes } from './camera-privacy.ts';
import { cameraToolRoutes } from './camera-tools.ts';
import { cameraRoutes } from './cameras.ts';
import { capacityRoutes } from './capacity.ts';
import { catalogueRoutes } from './catalogue.ts';
import { commandRoutes } from './commands.ts';
import { deviceLaneRoutes } from './device-lanes.ts';
import { deviceTableRoutes } from './device-tables.ts';
import { deviceTypePreviewRoutes } from './device-type-preview.ts';
import { deviceTypeRoutes } from './device-types.ts';
import { deviceRoutes } from './devices.ts';
import { diagnosisRoutes } from './diagnosis.ts';
import { dutyRoutes } from './duty.ts';
import { exchangeRoutes } from './exchange.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { incidentRoutes } from './incidents.ts';
import { inspectionRoutes } from './inspections.ts';
import { liveRoutes } from './live.ts';
import { mapRoutes } from './map.ts';
import { messageRoutes } from './messages.ts';
import { mqttAuthRoutes } from './mqtt-auth.ts';
import { notificationLogRoutes } from './notification-log.ts';
import { notificationRoutes } from './notifications.ts';
import { overviewRoutes } from './overview.ts';
import { pictureRoutes } from './pictures.ts';
import { probeRoutes } from './probe.ts';
import { quarantineRoutes } from './quarantine.ts';
import { quietRoutes } from './quiet.ts';
import { registrationRoutes } from './registration.ts';
import { reportRoutes } from './reports.ts';
import { retirementRoutes } from './retirement.ts';
import { roleRoutes } from './roles.ts';
import { rosterRoutes } from './rosters.ts';
import { sessionRoutes } from './sessions.ts';
import { settingRoutes } from './settings.ts';
import { signInRoutes } from './sign-in.ts';
import { systemRoutes } from './system.ts';
import { telemetryRoutes } from './telemetry.ts';
import { ticketFileRoutes } from './ticket-files.ts';
import { ticketWorkRoutes } from './ticket-work.ts';
import { ticketRoutes } from './tickets.ts';
import { updateRoutes } from './updates.ts';
import { userRoutes } from './users.ts';
import { vendorAccountRoutes } from './vendor-accounts.ts';
import { vendorKeyRoutes } from './vendor-keys.ts';
import { vendorRoutes } from './vendors.ts';

/** Every route, in the order of the documentation. A new resource: one file here, one line below. */
export const allRoutes = (context: RouteContext): readonly Route[] =>
  [
    systemRoutes,
    mqttAuthRoutes,
    updateRoutes,
    sessionRoutes,
    signInRoutes,
    userRoutes,
    accountSecurityRoutes,
    roleRoutes,
    overviewRoutes,
    deviceRoutes,
    deviceLaneRoutes,
    mapRoutes,
    heartbeatRoutes,
    deviceTableRoutes,
    registrationRoutes,
    retirementRoutes,
    cameraToolRoutes,
    cameraRoutes,
    diagnosisRoutes,
    probeRoutes,
    telemetryRoutes,
    commandRoutes,
    messageRoutes,
    liveRoutes,
    pictureRoutes,
    cameraPrivacyRoutes,
    deviceTypeRoutes,
    deviceTypePreviewRoutes,
    quarantineRoutes,
    incidentRoutes,
    ticketRoutes,
    ticketWorkRoutes,
    ticketFileRoutes,
    catalogueRoutes,
    vendorRoutes,
    vendorAccountRoutes,
    vendorKeyRoutes,
    rosterRoutes,
    dutyRoutes,
    quietRoutes,
    alarmRuleRoutes,
    notificationRoutes,
    notificationLogRoutes,
    acknowledgeLinkRoutes,
    exchangeRoutes,
    settingRoutes,
    reportRoutes,
    inspectionRoutes,
    auditRoutes,
    backupRoutes,
    capacityRoutes,
  ].flatMap((make) => make(context));
