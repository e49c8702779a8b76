import type { tools as zh } from '../zh-CN/tools.ts';

export const tools = {
  'config.unknown': 'unknown environment variable {name}, remove it; see npx cgw doctor for the known ones',
  'config.unknownNear': 'unknown environment variable {name}, did you mean {near}? Correct or remove it',
  'config.port': '{name}={value}: a port is an integer from {least} to 65535',
  'config.host': '{name}={value}: give an address to listen on or a host name, e.g. 0.0.0.0',
  'config.url': '{name}: give an address that starts with {schemes} and names a host',
  'config.path': '{name}: no blanks at the ends of a path',
  'config.secret': '{name}: at least {least} characters without blanks, use a longer random value',
  'config.tls': 'CGW_MQTT_TLS_PORT, CGW_TLS_CERT and CGW_TLS_KEY belong together, set all or none',
  'config.role': '{name}: {value} is not one of {allowed}',
  'config.rolesNeed': '{name}: separate processes need {missing}, set it or use all',
  'config.password': '{name}: at least 8 characters with letter, digit and symbol',
  'config.timeZone': '{name}={value}: no such time zone, use e.g. Asia/Shanghai',
  'config.oidcScopes': '{name} must name openid, add it (separated by blanks)',
  'config.oidc': 'single sign-on needs {missing}, set it or remove every CGW_OIDC_*',
  'config.target': '{name}: {value} is no network, write 10.0.0.0/8, 192.168.1.5:554 or [fd00::]/8:554',
  'influx.url': '{name}: write influx://user:password@host:8086/database (influxs:// for TLS), the database included',
  'influx.away':
    'InfluxDB at {host} cannot be reached: {detail}. Messages wait in the spool and are stored when it is back; check the server and the network',
  'influx.denied':
    'InfluxDB at {host} refuses database {database}: {detail}. Check the login in CGW_TIMESERIES_URL; an administrator may need to run CREATE DATABASE "{database}" and GRANT ALL ON "{database}" TO the user',
  'influx.noQueries':
    '{host} does not answer InfluxQL (VictoriaMetrics, for one, only takes writes), so it cannot keep the readings; use InfluxDB 1.x or remove CGW_TIMESERIES_URL',
  'influx.cutShort': 'InfluxDB at {host} cuts answers short; set max-row-limit = 0 in its [http] section',
  'influx.foreignFields':
    'measurement reading of database {database} belongs to another program, its fields are of other types: {detail}; name another database in CGW_TIMESERIES_URL',
  'config.secretTwice': 'set {other} or {name}, not both',
  'config.secretUnread': '{name}: file {path} cannot be read, is empty or over 16 KiB; check its path and rights',
  'config.secretFile':
    'secret key file {path} is unreadable or damaged: restore it from a backup or set CGW_SECRET_KEY; without it every device secret is void',
  'config.nodeUrl':
    'CGW_NODE_URL: with separate processes one that does {roles} needs the address others reach it by, e.g. http://10.0.0.5:8080; set it',
  'start.directoryTaken': '{directory} is in use by process {pid}; stop it, or set another CGW_DATA_DIR',
  'start.directoryOpening': '{directory} is being opened by another process; try again, or set another CGW_DATA_DIR',
  'start.notAlone':
    'another gateway ({node}) works on this database; stop it first, or give each process its CGW_ROLES',
  'start.otherKey':
    'CGW_SECRET_KEY is not the one of the other processes on this database; give all of them the same key',
  'spool.cli.directory': 'Give the data directory of an ingest process (it has a folder spool): {path}',
  'spool.cli.left': '{left} messages left',
  'spool.cli.done': 'Everything in {path} is in the database',
  'start.nodeTwice':
    'process {id} runs elsewhere already (with this data directory, or the one it was copied from); stop it, or set another CGW_DATA_DIR; in a copied directory remove node-id',
  'console.notBuilt':
    'The console has not been built. Run npm start in the folder of the project (npm run demo for a demonstration), which builds it first; the API works without it, see /api/docs.',
  'cli.unknownCommand': 'unknown command {name}',
  'cli.badArguments': 'bad arguments: {detail}; see cgw {name} --help',
  'cli.oneUrl':
    'give one address, e.g. rtsp://user:password@192.168.1.10:554/stream1 or onvif://user:password@192.168.1.10',
  'cli.oneFile': 'give a device-type file, e.g. device-schemas/generic/camera.yaml',
  'doctor.configuration': 'effective configuration (secrets redacted)',
  'doctor.machine': 'this machine',
  'doctor.node': 'Node {version}',
  'doctor.nodeOld': 'Node {version} is too old, {least} or newer is needed; start with npx cgw',
  'doctor.writable': 'data directory {path} is writable',
  'doctor.notWritable': '{path} is not writable, change its rights or set CGW_DATA_DIR',
  'doctor.notDirectory': '{path} is no directory, move it away or set CGW_DATA_DIR',
  'doctor.disk': '{free} GiB of disk are free',
  'doctor.diskLow': '{free} GiB of disk are free, at least {least} GiB are recommended',
  'doctor.database': 'database answers, PostgreSQL {version}',
  'doctor.databaseOld': 'PostgreSQL {version} is too old, 15 or newer is needed',
  'doctor.series': 'the InfluxDB for readings answers: {server}',
  'doctor.broker': 'the MQTT broker answers: {server} {version}',
  'doctor.brokerDown': 'the MQTT broker {server} cannot be reached: {reason}; check CGW_MQTT_URL and the broker',
  'doctor.brokerForgets':
    'this broker forgets shared subscriptions when it restarts and loses messages: take Mosquitto 2.0.12 or newer, or one process with all roles',
  'doctor.brokerOld':
    'this broker knows no shared subscriptions, which several processes need: take a newer one, or one process with all roles',
  'doctor.databaseDown': 'the database cannot be reached: {reason}; check CGW_DATABASE_URL',
  'doctor.databaseEmbedded': 'embedded database, in the data directory',
  'doctor.unreadable': '{path} is missing or unreadable, check the certificate settings',
  'doctor.found': '{name} is installed',
  'doctor.ffmpeg':
    'ffmpeg and ffprobe are not installed: needed for live video, snapshots and picture diagnosis (apt-get install ffmpeg)',
  'doctor.setpriv':
    'no setpriv (Debian package util-linux): after a crash, video processes live on until the next start ends them',
  'doctor.postgres':
    'no PostgreSQL on this machine: not needed to run, only for the full test suite and the benchmarks',
  'demo.starting': 'starting the gateway and registering the devices…',
  'demo.gatewayEnded': 'the gateway ended; its message stands above',
  'demo.otherPassword':
    'the administrator of {dir} has another password; remove that directory or name another by CGW_DATA_DIR',
  'demo.seconds': '--seconds must be a number above 0, not {value}',
  'demo.returned': 'went offline and came back',
  'demo.quarantined': 'messages in quarantine',
  'demo.ticket': 'ticket',
  'demo.faulty': 'devices with a fault now',
  'demo.open': 'open tickets',
  'demo.title': 'chengyun-gateway demo',
  'demo.access': 'console {url}    user {user}    password {password}    MQTT port {mqtt}',
  'demo.stop': 'Ctrl-C ends it',
  'demo.summary': 'summary',
  'demo.devices': 'devices',
  'demo.messages': 'messages',
  'demo.tickets': 'tickets',
  'cli.topicAndPayload': '--topic goes with --payload or --payload-file, and with one file only',
  'backup.noFile': 'There is no file {path}; check the path',
  'backup.notOne': '{path} is no backup of this gateway; check which file it is',
  'backup.wrongKey': '{path} was not encrypted with this CGW_BACKUP_KEY; set the key it was made with',
  'backup.cutOff': '{path} is incomplete (cut off); use another backup',
  'backup.damaged': '{path} is damaged or was changed; use another backup',
  'backup.newer': '{path} was made by a newer gateway ({version}); restore it with that version',
  'backup.otherSchema':
    'This program does not know the database schema {name} of the backup; restore it with gateway {version}',
  'backup.noKey':
    'There is no backup key. Set CGW_BACKUP_KEY (a random value of at least 32 characters, kept elsewhere too); backups are always encrypted',
  'backup.fileExists': '{path} exists and is never overwritten; choose another name',
  'backup.notEmpty':
    'The data directory {path} is not empty (it has {found}). A restore needs an empty one: move the old data away, or point CGW_DATA_DIR to a new directory',
  'backup.databaseNotEmpty':
    'The database is not empty (it has the table {table}). A restore needs an empty one: create it and change CGW_DATABASE_URL',
  'backup.unfinished':
    '{path} says that a restore was cut off: the data is incomplete and nothing starts on it. Run npx cgw restore again (empty an external database first)',
  'backup.secretKeyMissing':
    'The master key of this backup (id {id}) is missing. Put the old secret-key file at {path} first, or set CGW_SECRET_KEY; if it is lost, add --without-secret-key: camera passwords, device secrets and the like must then be set anew',
  'backup.secretKeyOther':
    'The master key here is not that of this backup (its id is {id}). Put the old secret-key file at {path}, or correct CGW_SECRET_KEY; if it is lost, add --without-secret-key: camera passwords, device secrets and the like must then be set anew',
  'backup.countsDiffer': 'Table {table} should have {expected} rows and has {found}; everything was rolled back',
  'backup.interrupted': 'The gateway stopped in the middle of the backup',
  'backup.cli.running':
    'A gateway is using the embedded database. Add --key-file <file with an API key> and the running gateway makes the backup, or stop it first',
  'backup.cli.noDatabase': 'There is no database in {path}; name the data directory with CGW_DATA_DIR',
  'backup.cli.oneFile': 'Name one backup file, e.g. /backup/cgw-2026-11-23.cgwbak',
  'backup.cli.progress': '{rows} rows, {files} files ({at})',
  'backup.cli.reading': 'Reading the whole backup',
  'backup.cli.written': 'Backup made: {path}, {tables} tables with {rows} rows, {files} files, {size}; read back whole',
  'backup.cli.noReadings': 'readings live in InfluxDB and are not in this backup; back them up there (influxd backup)',
  'backup.cli.keys':
    'A restore also needs CGW_BACKUP_KEY and the master key (id {id}); they are not in the backup, keep them elsewhere',
  'backup.cli.restored':
    'Restored: the backup of {takenAt}, {tables} tables with {rows} rows, {files} files, the counts of every table agree. Now run npx cgw audit verify and npm start',
  'backup.cli.verified':
    'The backup is good: {takenAt}, {tables} tables with {rows} rows, {files} files; restored to a scratch place, the counts of every table agree; the scratch data was removed',
  'backup.cli.auditIntact': 'The audit chain is intact, {records} records',
  'backup.cli.auditBroken':
    'The restored audit chain has {count} findings; run npx cgw audit verify on the original system first',
  'backup.cli.auditUnchecked': 'Without the master key the audit chain was not checked',
  'backup.cli.gatewayFailed': 'The gateway could not make the backup: {error}',
  'backup.cli.elsewhere':
    'The backup is at {path} of the gateway, which cannot be seen from here; name its data directory with --data-dir, or copy it yourself',
  'backup.told.failed': 'The backup failed: {error}',
  'backup.told.overdue': 'Newest usable backup: {last}',
  'backup.told.none': 'none',
  'disk.data': 'The data disk of {node}',
  'disk.database': 'The database',
  'disk.used': '{what} is {share}% full, {left} left',
  'disk.fineAgain': '{what} has room again: {share}% in use, {left} left',
  'disk.fullIn': '; full in about {days} days at its recent growth',
  'backup.diskFull': 'The disk is nearly full, so no backup is made; make room, or keep fewer backups',
  'timescale.notLoaded':
    'Readings are a TimescaleDB hypertable, but its library is not loaded: add timescaledb to shared_preload_libraries and restart the database',
  'timescale.unfinished':
    'Readings are still being moved to TimescaleDB: run npx cgw timescale again, days already moved are not done twice',
  'timescale.notInstalled':
    'This database has no TimescaleDB: run CREATE EXTENSION timescaledb first, with timescaledb in shared_preload_libraries',
  'timescale.needsPostgres': 'The embedded database has no TimescaleDB: name a PostgreSQL in CGW_DATABASE_URL',
  'timescale.day': '{day} has moved, {left} days left',
  'timescale.done': 'Readings are in TimescaleDB; {days} days moved now',
} satisfies Record<keyof typeof zh, string>;
