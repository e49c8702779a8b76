export interface Command {
  /** Words after `cgw`. */
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly help: string;
  /** What --help says beyond `help` and only the command's own code knows. */
  details?(): Promise<string>;
  /** Resolves with the exit code; throws with a sentence a person can act on. */
  run(args: readonly string[]): Promise<number>;
}

/** Every command loads its code only when it runs. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'start',
    usage: 'start',
    summary: 'run the gateway (运行网关)',
    help: 'Runs the gateway with the CGW_* environment; the embedded database and broker unless it says otherwise.\nPrints one JSON line {"msg":"ready",…} when it accepts connections. Ctrl-C stops it.',
    run: async () => (await import('../../gateway/src/process.ts')).runGateway(),
  },
  {
    name: 'demo',
    usage: 'demo [--seconds N] [--seed-only]',
    summary: 'run the gateway with a simulated street (演示)',
    help: 'Runs the gateway and a simulated street beside it: cameras, chargers, garbage rooms, smoke detectors, faults over time.\n--seconds N   stop by itself N seconds after ready\n--seed-only   fill the data directory, print the summary, end',
    run: async (args) => (await import('./demo.ts')).demo(args),
  },
  {
    name: 'import',
    usage: 'import <file> --key-file <path> [--dry-run] [--encoding utf-8|gb18030] [--url http://127.0.0.1:8080]',
    summary: 'register the devices of a table (导入设备)',
    help: 'Sends a CSV (UTF-8 or GB 18030) or XLSX file to a running gateway, which imports all of it or nothing and shows how far it is.\nThe same file again changes nothing; secrets of devices that exist are never touched.\nSecrets of new devices go to <file>.credentials.csv or .xlsx, what is wrong to <file>.errors.csv or .xlsx, both mode 0600.\n--key-file    file that holds an API key (POST /users/me/api-keys); --key <key> also works\n--dry-run     only check\n--encoding    of a CSV file whose encoding is not found out rightly\nAn empty table: GET /api/v1/devices/import/template. Exit code 0 imported or right, 1 not, 2 called wrongly.',
    details: async () => (await import('./import.ts')).columnHelp(),
    run: async (args) => (await import('./import.ts')).importDevices(args),
  },
  {
    name: 'discover',
    usage: 'discover [--seconds N] [--subnet cidr] [--json] [--key-file <path>] [--url http://127.0.0.1:8080]',
    summary: 'search the network for cameras (发现摄像机)',
    help: '在本机各网卡上组播搜索摄像机，或用 --subnet 按网段逐个查找；列出地址、名称、型号和服务地址。发现返回 0，未发现返回 1，参数有误返回 2。\n\nWS-Discovery from every interface of this machine, or a scan of one IPv4 network (at most /20).\n--seconds N   how long answers are waited for, 1 to 60, default 5\n--subnet      scan this network instead, e.g. 192.168.1.0/24\n--json        one JSON object a camera\n--key-file    file that holds an API key: the gateway at --url searches, and says which cameras are registered\nTargets obey CGW_ALLOWED_TARGETS; loopback is searched when it is listed there.',
    run: async (args) => (await import('./discover.ts')).discover(args),
  },
  {
    name: 'probe',
    usage: 'probe <rtsp-url or onvif-url>',
    summary: 'ask one camera how it is (检测摄像机)',
    help: '检测一路视频或一台 ONVIF 摄像机，说明结论、原因和依据，屏幕上不显示密码。能取到视频返回 0，不能返回 1，参数有误返回 2。\n\nrtsp[s]://user:password@host[:port]/path   OPTIONS and DESCRIBE\nonvif[s]://user:password@host[:port]      device, streams, snapshot, PTZ, clock; then DESCRIBE of each stream\nSays what it found or what is wrong. Targets obey CGW_ALLOWED_TARGETS.',
    run: async (args) => (await import('./probe.ts')).probe(args),
  },
  {
    name: 'device-type check',
    usage:
      'device-type check <file.yaml> … [--topic <topic> --payload <text> | --payload-file <file>] [--payloads <file.jsonl>]',
    summary: 'check a device-type file and run its examples (检查设备类型文件)',
    help: 'Validates each file against the grammar and runs every example in it.\n\n--topic         with --payload or --payload-file: what this message would become, and why anything of it is refused\n--encoding      of --payload: text (default), hex or base64\n--payloads      a file with one {"topic","payload","payloadEncoding"} a line: one line of verdict each',
    run: async (args) => (await import('./device-type.ts')).checkDeviceType(args),
  },
  {
    name: 'backup',
    usage: 'backup <file> [--data-dir <path>] [--key-file <path>] [--url http://127.0.0.1:8080]',
    summary: 'make an encrypted backup (备份)',
    help: "把数据库全部内容和照片、附件、审计锚点等文件写成一个加密文件，写完通读核对。须设置 CGW_BACKUP_KEY；主密钥不在备份里。成功返回 0。\n\nOne file with everything in the database and the files beside it, encrypted with CGW_BACKUP_KEY and read back when written.\nThe master key (secret-key, CGW_SECRET_KEY) is not in it: keep it elsewhere. Never overwrites; unfinished it ends in .part.\n--data-dir    the data directory; else CGW_DATA_DIR, else ./data. CGW_DATABASE_URL is used when set\n--key-file    file that holds an administrator's API key: the running gateway at --url makes the backup and the file is copied.\n              Needed while a gateway runs on the embedded database; PostgreSQL is read beside it",
    run: async (args) => (await import('./backup.ts')).backup(args),
  },
  {
    name: 'spool adopt',
    usage: 'spool adopt <data directory>',
    summary: 'bring in what a dead ingest process kept (补入失联接入进程的报文)',
    help: 'Takes the place of an ingest process that does not come back, on its data directory (or the disk it lay on), until everything in its spool is in the database; then ends.\nNeeds the CGW_* environment that process had: database, broker, secret key. Refused while the directory is in use. Each message counts once; late ones are stored and change no state (补报).\nExit code 0 everything is in, 1 not.',
    run: async (args) => (await import('./spool.ts')).adoptSpool(args),
  },
  {
    name: 'restore',
    usage: 'restore <file> [--verify] [--data-dir <path>] [--without-secret-key]',
    summary: 'put a backup back, or prove that one can be (恢复)',
    help: '把备份恢复到空的数据库和空的数据目录，逐表核对行数；先通读全部文件，有损坏、截断或密钥不符即拒绝，不写入任何内容。\n--verify 只在临时目录试恢复，核对行数和审计链，然后删除。成功返回 0。\n\nPuts a backup into an empty database and data directory and compares the counts of every table. The whole file is read first:\ndamaged, cut off or with another key it is refused and nothing is written. Works from either database engine to the other.\n--verify              only into a scratch place (TMPDIR), with a check of the audit chain; removed afterwards\n--data-dir            the data directory; else CGW_DATA_DIR, else ./data. CGW_DATABASE_URL is used when set\n--without-secret-key  go on without the master key of the backup: passwords and secrets in it must be set anew\nNeeds CGW_BACKUP_KEY, and the secret-key file (or CGW_SECRET_KEY) of the original in its place.',
    run: async (args) => (await import('./restore.ts')).restore(args),
  },
  {
    name: 'timescale',
    usage: 'timescale',
    summary: 'move readings into TimescaleDB (读数迁入 TimescaleDB)',
    help: '把 CGW_DATABASE_URL 中按日分区的读数逐日迁入 TimescaleDB 超表；运行前停止网关。每一天在一个事务内迁移，中断后再次运行即可继续，不会丢失读数。\n\nMoves readings from the daily partitions of CGW_DATABASE_URL into a hypertable, newest day first. Stop every gateway before.\nEach day moves in one transaction: run it again after an interruption and it goes on; a gateway refuses to start in between.\nNot needed for a new database: where the extension is installed first, the gateway makes the hypertable itself.',
    run: async (args) => (await import('./timescale.ts')).timescale(args),
  },
  {
    name: 'audit verify',
    usage: 'audit verify [--data-dir <path>] [--key-file <path>] [--url http://127.0.0.1:8080]',
    summary: 'check that no audit record was changed (核对审计记录)',
    help: '核对审计记录的哈希链、签名、锚点和日报，逐条指出被改动、删除、调换、截去或伪造之处。完整返回 0，有问题返回 1，无法核对返回 2。\n\nWalks the whole audit table and compares it with its signed head, the anchor files and the daily reports.\n--data-dir    the data directory; else CGW_DATA_DIR, else ./data. CGW_DATABASE_URL and CGW_SECRET_KEY are used when set\n--key-file    file that holds an API key of an auditor or administrator: the running gateway at --url checks.\n              Needed while a gateway runs on the embedded database, which has one owner; PostgreSQL is read directly',
    run: async (args) => (await import('./audit.ts')).auditVerify(args),
  },
  {
    name: 'doctor',
    usage: 'doctor',
    summary: 'print the effective configuration, secrets redacted (自检)',
    help: 'Prints the effective configuration with secrets redacted and says what is missing on this machine.',
    run: async () => (await import('./doctor.ts')).doctor(),
  },
];
