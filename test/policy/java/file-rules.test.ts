// Rules for files cover exactly the paths of a FilePermission, or fewer and say so.
import t from 'tap'
import { check, FILE } from './translate-support.js'

const BOTH = 'read,write,delete'

check(t, {
  'a file is the same file': {
    lines: [[FILE, '/etc/hosts', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /etc/hosts'],
  },
  'a path is normalised as Java does it': {
    lines: [[FILE, '/a/./b/..//c/', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /a/c'],
  },
  'the root alone is the root alone': {
    lines: [[FILE, '/', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /'],
  },
  'one level below is not the directory itself': {
    lines: [[FILE, '/a/*', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /a/*'],
  },
  'all below is not the directory itself': {
    lines: [[FILE, '/a/-', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /a/*/**'],
  },
  'all below the root leaves devices and processes out, and says so': {
    lines: [[FILE, '/-', 'read']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /*/**'],
    reason: /\/proc and \/dev/,
  },
  'all files are all but devices and processes': {
    lines: [[FILE, '<<ALL FILES>>', BOTH]],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /**', 'fs.write /**'],
    reason: /\/proc and \/dev/,
  },
  'a wildcard below /proc would grant nothing, so a person names the files': {
    lines: [[FILE, '/proc/-', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'a file below /proc is named': {
    lines: [[FILE, '/proc/sys/net/core/somaxconn', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /proc/sys/net/core/somaxconn'],
  },
  "below a named process '-' works": {
    lines: [[FILE, '/proc/self/-', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /proc/self/*/**'],
  },
  'a relative path needs a person': {
    lines: [[FILE, 'config/*', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.read "${plugin.home}/config/*"',
  },
  'a relative path that is changed belongs to the data': {
    lines: [[FILE, 'data/-', BOTH]],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.read "${plugin.data}/data/*/**"; fs.write "${plugin.data}/data/*/**"',
  },
  'a path above the working directory': {
    lines: [[FILE, '../a', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'the rule with the absolute path',
  },
  'the working directory itself': {
    lines: [[FILE, '.', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.read "${plugin.home}"',
  },
  "the JVM's working directory needs a person": {
    lines: [[FILE, '*', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.read "${plugin.home}/*"',
  },
  "a '*' inside a Java name is no wildcard": {
    lines: [[FILE, '/a/*/b', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /character of the name/,
  },
  "a '*' behind other characters is no wildcard": {
    lines: [[FILE, '/a/b*', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /character of the name/,
  },
  'characters that no pattern has': {
    lines: [[FILE, '/a/b(1)', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /stands for nothing/,
  },
  'separators of Java are put in': {
    lines: [[FILE, '/a${/}b${file.separator}-', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /a/b/*/**'],
  },
  'any other property needs a person': {
    lines: [[FILE, '${user.home}/.aws/*', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /home directory/,
    suggestion: 'the rule with the absolute path of the home directory',
  },
  'a file of the JDK is of no use': {
    lines: [[FILE, '${java.home}/lib/security/cacerts', 'read']],
    outcome: 'no-counterpart',
    rules: [],
  },
  'a property with the name of our own placeholder is still one of Java': {
    lines: [[FILE, '${plugin.home}/a', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'a property with the name of a built-in is still none': {
    lines: [[FILE, '${constructor}/a', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /^The property constructor has no value here\.$/,
  },
  'reading links comes with reading': {
    lines: [[FILE, '/a', 'read,readlink']],
    outcome: 'mapped',
    rules: ['fs.read /a'],
  },
  'reading links alone is not reading': {
    lines: [[FILE, '/a', 'readlink']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.read "/a"',
  },
  'programs are not started': {
    lines: [[FILE, '/bin/ls', 'execute']],
    outcome: 'refused',
    rules: [],
    suggestion: null,
  },
  'programs are not started, and the rest is granted': {
    lines: [[FILE, '/bin/ls', 'read,execute']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /bin/ls'],
    reason: /starts no programs/,
  },
  'writing without deleting is not fs.write': {
    lines: [[FILE, '/a/-', 'write']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.write "/a/*/**"',
  },
  'reading is granted where writing is not': {
    lines: [[FILE, '/a/-', 'read,write']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /a/*/**'],
    reason: /Java does not grant to delete/,
    suggestion: 'fs.write "/a/*/**"',
  },
  'writing and deleting may stand on two lines': {
    lines: [
      [FILE, '/a/-', 'write'],
      [FILE, '/a/-', 'delete'],
    ],
    outcome: 'mapped',
    rules: ['fs.write /a/*/**', 'fs.write /a/*/**'],
  },
  'of two lines the narrower has the rule': {
    lines: [
      [FILE, '/a/b/*', 'read,delete'],
      [FILE, '/a/-', 'write'],
      [FILE, '/c', 'delete'],
    ],
    outcome: 'mapped',
    rules: ['fs.read /a/b/*', 'fs.write /a/b/*'],
  },
  'of two lines the wider needs a person': {
    lines: [
      [FILE, '/a/-', 'write'],
      [FILE, '/a/b/*', 'read,delete'],
    ],
    outcome: 'refused',
    needsPerson: true,
    rules: ['fs.read /a/b/*', 'fs.write /a/b/*'],
    reason: /Java does not grant to delete/,
  },
  'lines beside each other lend each other nothing': {
    lines: [
      [FILE, '/a/-', 'write'],
      [FILE, '/a', 'delete'],
    ],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'a line that the JDK refuses is refused': {
    lines: [[FILE, '/a', 'read,chmod']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /JDK refuses.*chmod/,
  },
})
