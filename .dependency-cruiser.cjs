/** The layering of docs/architecture.md as rules; type imports count. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(packages|examples|tests)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    only('protocol-imports-nothing-of-ours', '^packages/protocol/src/', '^packages/protocol/'),
    only(
      'testing-imports-protocol-only',
      '^packages/testing/src/(?!fake-client|fake-connection-store|replay-|check|dialect-|frame-)',
      '^packages/(testing|protocol)/',
      'Only the fake client, and what plays frames to a dialect, is made of the client.',
    ),
    only('lab-imports-testing-and-protocol', '^packages/lab/src/', '^packages/(lab|testing|protocol)/'),
    only('testing-imports-client-and-protocol', '^packages/testing/src/', '^packages/(testing|protocol|client)/'),
    only('client-imports-protocol-only', '^packages/client/src/', '^packages/(client|protocol)/'),
    only(
      'the-kernel-knows-no-server',
      '^packages/client/src/kernel/',
      '^packages/client/src/(kernel|io)/',
      'No dialect, no message type, no channel grammar: not even the types of the contract.',
    ),
    only(
      'dialects-stand-on-the-seam',
      '^packages/client/src/dialects/',
      '^packages/(client/src/dialects|client/src/kernel/(dialect|errors|prices|timers|verdicts)\\.ts|client/src/io/clock\\.ts|protocol)(/|$)',
      'What a dialect may ask of a stream stands in dialect.ts.',
    ),
    {
      name: 'the-life-touches-nothing',
      comment: 'It is asked as a table: no timer, socket or clock of its own.',
      severity: 'error',
      from: { path: '^packages/client/src/kernel/(life|life-state|heartbeat|pace|verdicts|asks|frames)\\.ts$' },
      to: { path: '^packages/client/src/(io/|kernel/(timers|turn|link|links|core|stream)\\.ts)' },
    },
    only(
      'io-imports-nothing',
      '^packages/client/src/io/',
      '^packages/client/src/io/',
      'io touches; it knows nothing of what it carries.',
    ),
    only('react-imports-client-and-protocol', '^packages/react/src/', '^packages/(react|client|protocol)/'),
    only(
      'server-imports-client-and-protocol',
      '^examples/server/src/',
      '^(examples/server|packages/(client|protocol))/',
      'Of the client only what goes to an exchange.',
    ),
    only(
      'dashboard-imports-react-client-protocol',
      '^examples/dashboard/src/',
      '^(examples/dashboard|packages/(react|client|protocol))/',
    ),
    only(
      'node-scripts-import-client-and-protocol',
      '^examples/node-scripts/src/',
      '^(examples/node-scripts|packages/(client|protocol))/',
    ),
    {
      name: 'codec-stays-zod-free-at-its-seam',
      comment: 'Rooms that cost no zod import none of the schema rooms.',
      severity: 'error',
      from: {
        path: '^packages/protocol/src/(rules|channels|close-codes|error-codes|price-changes|filter|dialects/.*)\\.ts$',
      },
      to: {
        path: 'zod|-messages\\.ts$|acks\\.ts$|server-types\\.ts$|primitives\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-undeclared',
      severity: 'error',
      from: { path: '/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-drawers',
      comment: 'A type or a helper lives with the code that owns its meaning.',
      severity: 'error',
      from: {},
      to: { path: '/(types|utils|helpers|constants)\\.tsx?$', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|tests/packages/projects|node_modules/\\.)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['@tickwire/source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
