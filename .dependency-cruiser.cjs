// The architecture as rules: stages are siblings, main.ts joins them, libraries stay where they belong.
const STAGES = ['spool', 'ingest', 'store', 'timeseries', 'registry', 'access', 'probing', 'monitor', 'evidence', 'leadership', 'tickets', 'reports', 'notify', 'video', 'exchange', 'nodes', 'logins', 'api'];
const TESTS = '\\.test\\.ts$|^gateway/test/|/test-support/|/(contract|testing)[^/]*\\.ts$';
const stage = `^gateway/src/(${STAGES.join('|')})/`;

/** A library that only some folders may import. */
const only = (name, library, where) => ({
  name,
  severity: 'error',
  from: { pathNot: [where, TESTS, '^(tools|bench)/'] },
  to: { path: `node_modules/(${library})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', TESTS, '^tools/', '^bench/', '^vitest\\.config\\.ts$', '-thread\\.ts$', '-dump\\.ts$', '/page/'] },
      to: {},
    },
    {
      name: 'stages-are-siblings',
      comment: 'A stage declares its ports; main.ts joins. Only store/ and timeseries/ share the session handle.',
      severity: 'error',
      from: { path: stage, pathNot: TESTS },
      to: { path: stage, pathNot: ['^gateway/src/$1/', '^gateway/src/store/(database|time)\\.ts$'] },
    },
    {
      name: 'only-the-assembly-joins-stages',
      severity: 'error',
      from: { path: '^gateway/src/([^/]+\\.ts$|messages/)', pathNot: TESTS },
      to: { path: stage },
    },
    {
      name: 'session-only-for-sql',
      severity: 'error',
      from: { path: '^gateway/src/', pathNot: ['^gateway/src/(store|timeseries)/', '^gateway/src/main\\.ts$', '^gateway/src/assembly/', TESTS] },
      to: { path: '^gateway/src/store/database\\.ts$' },
    },
    {
      name: 'domain-knows-nobody',
      severity: 'error',
      from: { path: '^gateway/src/domain/', pathNot: TESTS },
      to: { path: '^(gateway|adapters|tools|bench)/', pathNot: ['^gateway/src/domain/', '^gateway/src/(errors|error-table)\\.ts$', '^gateway/src/messages/', '^device-schemas/'] },
    },
    {
      name: 'stages-know-only-the-adapter-interface',
      severity: 'error',
      from: { path: stage, pathNot: TESTS },
      to: { path: '^adapters/', pathNot: '^adapters/adapter\\.ts$' },
    },
    {
      name: 'adapters-know-no-gateway',
      severity: 'error',
      from: { path: '^adapters/', pathNot: TESTS },
      to: { path: '^(gateway|tools|bench|dashboards)/' },
    },
    {
      name: 'adapters-are-siblings',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/', pathNot: TESTS },
      to: { path: '^adapters/[^/]+/', pathNot: '^adapters/$1/' },
    },
    { name: 'schemas-know-nobody', severity: 'error', from: { path: '^device-schemas/', pathNot: TESTS }, to: { path: '^(gateway|adapters|tools)/' } },
    { name: 'nobody-imports-tools', severity: 'error', from: { path: '^(gateway|adapters)/', pathNot: TESTS }, to: { path: '^(tools|bench)/' } },
    { name: 'no-test-code-in-product', severity: 'error', from: { pathNot: [TESTS, '^(tools|bench)/', '^vitest\\.config\\.ts$'] }, to: { path: TESTS } },
    {
      name: 'sheets-know-no-stage',
      severity: 'error',
      from: { path: '^gateway/src/sheets/', pathNot: TESTS },
      to: { path: '^(gateway|adapters|tools|bench)/', pathNot: ['^gateway/src/sheets/', '^gateway/src/(errors|error-table)\\.ts$', '^gateway/src/messages/'] },
    },
    only('sheet-libraries', 'fflate|sax|iconv-lite', '^(gateway/src/sheets|adapters/onvif)/'),
    only('database-libraries', 'pg|pg-copy-streams|@electric-sql/pglite', '^gateway/src/(store|timeseries)/'),
    only('influx-library', 'influx', '^gateway/src/timeseries/'),
    only('http-library', 'fastify|@fastify/[^/]+', '^gateway/src/api/'),
    only('mqtt-libraries', 'aedes|mqtt|mqtt-packet', '^adapters/mqtt/'),
    only('onvif-libraries', 'node-onvif|onvif', '^adapters/onvif/'),
    only('ffmpeg-library', 'fluent-ffmpeg', '^gateway/src/video/ffmpeg/'),
    {
      name: 'child-processes',
      comment: 'Everything else asks the supervisor; the store only runs sync.',
      severity: 'error',
      from: { path: '^(gateway|adapters)/', pathNot: ['^gateway/src/video/supervisor/', '^gateway/src/store/pglite-directory\\.ts$', TESTS] },
      to: { path: '^(node:)?child_process$' },
    },
    only('sign-in-libraries', 'openid-client|otpauth|uqr', '^gateway/src/access/'),
    only('spool-library', 'classic-level', '^gateway/src/spool/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
