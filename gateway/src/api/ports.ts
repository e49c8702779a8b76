import type { Transactor } from '../domain/tx.ts';
import type { AlarmRulePort } from './ports/alarm-rules.ts';
import type { AuditDoorPort, AuditPort } from './ports/audit.ts';
import type { BackupPort } from './ports/backups.ts';
import type { CameraJobPort, PtzPort } from './ports/camera-tools.ts';
import type { CameraPort } from './ports/cameras.ts';
import type { CapacityPort } from './ports/capacity.ts';
import type { OrganisationPort, RosterPort, SettingsPort } from './ports/catalogue.ts';
import type { DeviceTablePort } from './ports/device-tables.ts';
import type { DeviceTypePort, TypePreviewPort, TypeVersionPort } from './ports/device-types.ts';
import type { CommandPort, DevicePort, RecentMessagePort, RetirementPort, SeriesPort } from './ports/devices.ts';
import type { DiagnosisPort } from './ports/diagnosis.ts';
import type { CalendarPort, DutyRosterPort } from './ports/duty.ts';
import type { ExchangePort } from './ports/exchange.ts';
import type { IdempotencyPort } from './ports/idempotency.ts';
import type { InspectionPort } from './ports/inspections.ts';
import type { CameraClipPort, CameraMaskPort, LivePort, ViewingPort } from './ports/live.ts';
import type { JudgementPort } from './ports/monitor.ts';
import type { MqttAuthPort } from './ports/mqtt-auth.ts';
import type { NotificationPort } from './ports/notifications.ts';
import type { ApiKeyPort, RolePort, SessionPort, UserExportPort, UserPort } from './ports/people.ts';
import type { PictureViewPort } from './ports/pictures.ts';
import type { ProbePort } from './ports/probe.ts';
import type { QuietPort } from './ports/quiet.ts';
import type { AccountingPort, ReadPort, ReplayPort } from './ports/reads.ts';
import type { HandoverPort, RegistrationPort } from './ports/registration.ts';
import type { ReportPort } from './ports/reports.ts';
import type {
  IdentityLinkPort,
  SecondFactorPort,
  SessionAdminPort,
  SingleSignOnPort,
  WecomSettingsPort,
} from './ports/sign-in.ts';
import type { TicketPort } from './ports/tickets.ts';
import type {
  VendorAccountPort,
  VendorAgreementPort,
  VendorApplicationPort,
  VendorInvitationPort,
  VendorPort,
  VendorSelfPort,
} from './ports/vendors.ts';

/**
 * Everything the routes ask of the stages. Each group is satisfied by a stage's service or by a family of the store,
 * joined in main.ts. All methods check the actor's right and scope: what is foreign answers NOT_FOUND like what is
 * unknown. Views are the response schemas; times and durations in them are milliseconds here.
 */
export interface Services {
  readonly db: Transactor;
  readonly reads: ReadPort;
  readonly sessions: SessionPort & SessionAdminPort;
  readonly users: UserPort;
  readonly exportUsers: UserExportPort;
  readonly roles: RolePort;
  readonly secondFactor: SecondFactorPort;
  readonly singleSignOn: SingleSignOnPort;
  readonly identityLinks: IdentityLinkPort;
  readonly wecom: WecomSettingsPort;
  readonly apiKeys: ApiKeyPort;
  readonly devices: DevicePort;
  readonly retirement: RetirementPort;
  readonly deviceTables: DeviceTablePort;
  readonly registration: RegistrationPort;
  readonly handovers: HandoverPort;
  readonly cameras: CameraPort;
  readonly cameraJobs: CameraJobPort;
  readonly ptz: PtzPort;
  readonly diagnosis: DiagnosisPort;
  readonly probes: ProbePort;
  readonly pictureViews: PictureViewPort;
  readonly series: SeriesPort;
  readonly commands: CommandPort;
  readonly recent: RecentMessagePort;
  readonly organisations: OrganisationPort;
  readonly vendors: VendorPort;
  readonly vendorAccounts: VendorAccountPort;
  readonly vendorInvitations: VendorInvitationPort;
  readonly vendorApplications: VendorApplicationPort;
  readonly vendorAgreements: VendorAgreementPort;
  readonly vendorSelf: VendorSelfPort;
  readonly rosters: RosterPort;
  readonly dutyRoster: DutyRosterPort;
  readonly calendar: CalendarPort;
  readonly quiet: QuietPort;
  readonly alarmRules: AlarmRulePort;
  readonly settings: SettingsPort;
  readonly deviceTypes: DeviceTypePort;
  readonly typeVersions: TypeVersionPort;
  readonly typePreview: TypePreviewPort;
  readonly replay: ReplayPort;
  readonly tickets: TicketPort;
  readonly reports: ReportPort;
  readonly inspections: InspectionPort;
  readonly notifications: NotificationPort;
  readonly exchange: ExchangePort;
  readonly backups: BackupPort;
  readonly capacity: CapacityPort;
  readonly audit: AuditPort;
  readonly auditDoor: AuditDoorPort;
  readonly accounting: AccountingPort;
  readonly judgement: JudgementPort;
  readonly idempotency: IdempotencyPort;
  readonly mqttAuth: MqttAuthPort;
  readonly live: LivePort;
  readonly viewings: ViewingPort;
  readonly cameraMasks: CameraMaskPort;
  readonly cameraClips: CameraClipPort;
}
