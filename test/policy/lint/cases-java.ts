/** Cases that only a Java policy has, and those about rules that other rules cover. */
import type { LintCode, LintInput } from '../../../lib/policy/lint/lint.js'
import {
  ALL,
  asks,
  codeBase,
  connect,
  file,
  FILE,
  java,
  javaPolicy,
  PROPERTY,
  read,
  RUNTIME,
  SOCKET,
  type Case,
} from './support.js'

function among(packages: readonly string[], input: LintInput): LintInput {
  return { ...input, packages }
}

const forAll = { permissions: [[RUNTIME, 'x.*']] } as const
const A_JAR = 'file:/a.jar'

export const JAVA_CASES: { readonly [Code in LintCode]?: Case } = {
  'duplicate-rule': {
    hits: [
      asks({ env: ['A', 'A'] }),
      java([RUNTIME, 'getClassLoader'], [RUNTIME, 'getClassLoader']),
      java([FILE, '${user.dir}${/}a', 'read,write'], [FILE, '${user.dir}/a', 'Write, READ']),
    ],
    misses: [
      asks({ env: ['A', 'B'] }),
      asks({ fs: { read: ['/a'], write: ['/a'] } }),
      java([RUNTIME, 'getClassLoader'], [RUNTIME, 'getProtectionDomain']),
      java([FILE, '/a', 'read'], [FILE, '/a', 'write']),
      javaPolicy(
        { codeBase: A_JAR, permissions: [[RUNTIME, 'x']] },
        { codeBase: 'file:/b.jar', permissions: [[RUNTIME, 'x']] },
      ),
    ],
  },
  'covered-rule': {
    hits: [
      connect('*.acme.dev:443', 'api.acme.dev:443'),
      connect('10.0.0.0/8:1-1024', '10.1.0.0/16:80-90'),
      read('/opt/*/x', '/opt/**'),
      asks({ settings: ['s3', 's3.client.*'] }),
      asks({ clusterState: { read: ['metadata.*', 'metadata.indices.*.settings'] } }),
      asks({ extensionPoints: ['rest', 'rest:/_plugins/_demo'] }),
      java([FILE, '/opt/-', 'read,write'], [FILE, '/opt/a', 'read']),
      java([FILE, '${user.dir}/-', 'read'], [FILE, '${user.dir}${/}a', 'read']),
      java([SOCKET, '*', 'connect,resolve'], [SOCKET, 'localhost:9600', 'connect']),
      java([PROPERTY, 'a.*', 'read'], [PROPERTY, 'a.b', 'read']),
      javaPolicy(forAll, {
        codeBase: A_JAR,
        permissions: [
          [RUNTIME, 'x.y'],
          [RUNTIME, 'z'],
        ],
      }),
    ],
    misses: [
      connect('*.acme.dev:443', 'a.b.acme.dev:443'),
      connect('*.acme.dev:443', 'api.acme.dev:444'),
      connect('**:443', '10.0.0.0/8:443'),
      connect('**:443', 'localhost:443'),
      connect('0.0.0.0/0:443', '10.0.0.0/8:443'),
      read('/*/x', '/a/*/x'),
      read('/**', '/proc/cpuinfo'),
      read('/*/a', '${plugin.home}/a'),
      asks({ settings: ['s3.client', 's3.clients'] }),
      asks({ extensionPoints: ['rest:/a/*', 'rest:/a/*/b', 'rest:/a'] }),
      java([FILE, '-', 'read'], [FILE, '${user.dir}/a', 'read']),
      java([FILE, '/opt/*', 'read'], [FILE, '/opt/a/b', 'read']),
      java([FILE, '/opt/-', 'read'], [FILE, '/opt/a', 'read,write']),
      java([ALL], [RUNTIME, 'x']),
      javaPolicy({ codeBase: A_JAR, permissions: [[RUNTIME, 'x.*']] }, { permissions: [[RUNTIME, 'x.y']] }),
    ],
  },
  'java-all-permission': {
    hits: [java([ALL]), codeBase(A_JAR, [ALL])],
    misses: [java(['com.acme.AllPermission']), java([RUNTIME, 'all'])],
  },
  'java-any-runtime': {
    hits: [java([RUNTIME, '*']), java([RUNTIME, '*', 'setContextClassLoader'])],
    misses: [java([RUNTIME, 'loadLibrary.*']), java([PROPERTY, '*', 'read'])],
  },
  'java-any-name': {
    hits: [java([PROPERTY, '*', 'read,write']), java(['java.security.SecurityPermission', '*'])],
    misses: [
      java([PROPERTY, 'a.*', 'read']),
      java([RUNTIME, '*']),
      java(['org.opensearch.SpecialPermission', '*']),
    ],
  },
  'java-ignored-actions': {
    hits: [
      java([RUNTIME, '*', 'setContextClassLoader']),
      java([RUNTIME, 'getClassLoader', 'read']),
      java(['java.net.NetPermission', 'getProxySelector', 'x']),
    ],
    misses: [
      java([RUNTIME, 'getClassLoader']),
      java([RUNTIME, 'getClassLoader', '']),
      java([PROPERTY, 'a', 'read']),
      java(['com.acme.Permission', 'a', 'read']),
    ],
  },
  'java-refused': {
    hits: [
      file('/a', 'reed'),
      java([FILE, '/a']),
      java([PROPERTY, 'a', 'write,delete']),
      java(['java.util.logging.LoggingPermission', 'control', 'x']),
    ],
    misses: [
      file('/a'),
      java([SOCKET, '${host}:${port}', 'connect']),
      java(['com.acme.Permission', null, 'x']),
    ],
  },
  'java-unknown-class': {
    hits: [{ ...java(['com.acme.Permission', 'x']), knownClasses: [RUNTIME] }],
    misses: [java(['com.acme.Permission', 'x']), { ...java([RUNTIME, 'x']), knownClasses: [RUNTIME] }],
  },
  'java-unknown-property': {
    hits: [file('${derby.home}/x'), codeBase('${tools.jar}')],
    misses: [
      file('${user.home}${/}x'),
      file('${java.io.tmpdir}${file.separator}x'),
      codeBase('${codebase.zstd-jni}'),
      java(['com.acme.Permission', '${{self}}']),
    ],
  },
  'java-relative-path': {
    hits: [file('config'), file('java.runtime.version')],
    misses: [file('/config'), file('${user.dir}/config'), file('C:\\config'), file('<<ALL FILES>>')],
  },
  'java-execute': {
    hits: [file('/opt/run', 'execute'), file('<<ALL FILES>>', 'read,execute')],
    misses: [file('/opt/execute'), java([RUNTIME, 'execute'])],
  },
  'java-write-without-delete': {
    hits: [file('/opt/-', 'read,write')],
    misses: [
      file('/opt/-', 'write,delete'),
      file('/opt/-'),
      java([FILE, '${user.dir}${/}a', 'write'], [FILE, '${user.dir}/a', 'Delete']),
    ],
  },
  'java-unreachable-codebase': {
    hits: [
      among(['zstd'], codeBase('${codebase.zstd-jni}')),
      among([], codeBase('file:${java.home}/../lib/tools.jar')),
      among([], codeBase('jrt:/jdk.attach')),
    ],
    misses: [
      codeBase('${codebase.zstd-jni}'),
      among(['@x/zstd_jni'], codeBase('${codebase.zstd-jni-1.5.6-1.jar}')),
      among(['@aws-sdk/client-s3'], codeBase('file:/opt/aws-sdk-client-s3.jar')),
      among([], codeBase('file:/opt/lib/-')),
      among([], java()),
    ],
  },
  'java-duplicate-grant': {
    hits: [javaPolicy({ codeBase: A_JAR, permissions: [] }, { codeBase: A_JAR, permissions: [] })],
    misses: [
      javaPolicy({ codeBase: A_JAR, permissions: [] }, { codeBase: 'file:/b.jar', permissions: [] }),
      javaPolicy({ permissions: [] }, { principals: [['P', 'x']], permissions: [] }),
    ],
  },
  'java-covered-grant': {
    hits: [
      javaPolicy(forAll, { codeBase: A_JAR, permissions: [[RUNTIME, 'x.y']] }),
      javaPolicy({ codeBase: A_JAR, permissions: [[RUNTIME, 'x']] }, { permissions: [[ALL]] }),
    ],
    misses: [
      javaPolicy(forAll, {
        codeBase: A_JAR,
        permissions: [
          [RUNTIME, 'x.y'],
          [RUNTIME, 'z'],
        ],
      }),
      javaPolicy(forAll, { codeBase: A_JAR, permissions: [] }),
      javaPolicy(
        { principals: [['P', 'x']], permissions: [[ALL]] },
        { codeBase: A_JAR, permissions: [[RUNTIME, 'x']] },
      ),
    ],
  },
}
