// Properties stand for what the JVM would put there, never twice, and an entry that is
// dropped for one that is not set is told: a policy never grants less in silence.
import t from 'tap'
import { PluginError } from '../../../lib/errors.js'
import { expandOpenSearch3Name, expandProperties } from '../../../lib/policy/java/expand.js'
import { parseJavaPolicy } from '../../../lib/policy/java/parse.js'

const properties = {
  p: '/opt/app',
  nested: '${p}',
  empty: '',
  url: 'file:/x',
  broken: 'file:/a b',
  encoded: 'file:/a%20b',
  words: '/a b/%\u00e9\u{1f600}',
  'java.home': '/jvm',
  'user.home': '/home/u:',
  'codebase.netty': 'file:/plugins/x/netty-1.0.jar',
}

t.test('a text expands as in the JDK', (t) => {
  const cases = [
    ['no property', 'no property'],
    ['${p}/x', '/opt/app/x'],
    ['${p}${p}', '/opt/app/opt/app'],
    ['${nested}', '${p}'],
    ['a${empty}b', 'ab'],
    ['a${/}b', 'a/b'],
    ['${p', '${p'],
    ['${p}${', '/opt/app${'],
    ['$p {p} $${p}', '$p {p} $/opt/app'],
    ['${{self}}', '${{self}}'],
    ['${{alias:${p}}}/${p}', '${{alias:${p}}}//opt/app'],
    ['${{p}${p}', '${{p}${p}'],
    ['${p}${{x', '/opt/app${{x'],
  ] as const
  for (const [text, value] of cases) t.same(expandProperties(text, properties, false), { value }, text)
  t.same(expandProperties('${p}${unset}', properties, false), { unset: 'unset' })
  t.same(expandProperties('${ p}', properties, false), { unset: ' p' }, 'spaces are part of the name')
  t.same(expandProperties('${toString}', properties, false), { unset: 'toString' }, 'own properties only')
  t.same(expandProperties('${}', { '': 'x' }, false), { unset: '' })
  t.end()
})

t.test('in a URL a value is encoded, unless it begins the text as an absolute URI', (t) => {
  const cases = [
    ['${words}', '/a%20b/%25%c3%a9%ed%a0%bd%ed%b8%80'],
    ['file:${words}', 'file:/a%20b/%25%c3%a9%ed%a0%bd%ed%b8%80'],
    ['${url}/${url}', 'file:/x/file:/x'],
    ['${empty}${url}', 'file:/x'],
    ['${broken}', 'file:/a%20b'],
    ['${encoded}', 'file:/a%20b'],
    ['${empty}${encoded}', 'file:/a%20b'],
    ['x${encoded}', 'xfile:/a%2520b'],
    ['${p}${encoded}', '/opt/appfile:/a%2520b'],
    ['${{self}}${encoded}', '${{self}}file:/a%2520b'],
    ['a b/${/}', 'a b//'],
    ['${codebase.netty}', 'file:/plugins/x/netty-1.0.jar'],
  ] as const
  for (const [text, value] of cases) t.same(expandProperties(text, properties, true), { value }, text)
  t.end()
})

t.test('OpenSearch 3 expands the beginning of a name, or double braces', (t) => {
  const cases = [
    ['${p}/x', '${p}/x'],
    ['${java.home}/lib', '/jvm/lib'],
    ['${java.home}', '/jvm}'],
    ['/x/${java.home}/lib', '/x/${java.home}/lib'],
    ['${user.home}/x', '/home/u:x'],
    ['a${{p}}b${{unset}}', 'a/opt/appb${{unset}}'],
    ['${{p', '${{p'],
  ] as const
  for (const [text, value] of cases) t.same(expandOpenSearch3Name(text, properties), { value }, text)
  t.same(expandOpenSearch3Name('${java.home}/x', {}), { unset: 'java.home' })
  t.end()
})

t.test('without properties nothing is expanded and nothing dropped', (t) => {
  const text = 'grant codeBase "${codebase.x}" principal A "${n}" { permission A "${t}", "${a}"; };'
  t.match(parseJavaPolicy(text).grants, [
    {
      codeBase: '${codebase.x}',
      principals: [['A', '${n}']],
      permissions: [{ target: '${t}', actions: '${a}' }],
    },
  ])
  t.end()
})

t.test('an unset property drops the permission, or the grant whose clause it stands in', (t) => {
  const keep = 'grant { permission Kept; };'
  const cases = [
    [
      'grant { permission A "${x}"; permission Kept; };',
      /'x' in the target of this A/,
      'drops the permission',
    ],
    ['grant { permission A "t", "${x}"; permission Kept; };', /in the actions/, 'drops the permission'],
    ['grant { permission A, signedBy "${x}"; permission Kept; };', /in the signedBy/, 'drops the permission'],
    ['grant { permission A "${x}" = } no more syntax ; permission Kept; };', /'x'/, 'drops the permission'],
    [`grant codeBase "\${x}" { permission A; }; ${keep}`, /in the codeBase/, 'drops the grant'],
    [`grant signedBy "\${x}" { permission A; }; ${keep}`, /in the signedBy/, 'drops the grant'],
    [`grant principal A "\${x}" { permission A; }; ${keep}`, /in the principal/, 'drops the grant'],
    [`grant codeBase "\${x}" { }; domain d { }; ${keep}`, /in the codeBase/, 'drops the grant'],
  ] as const
  for (const [text, message, jdk] of cases) {
    const { grants, diagnostics } = parseJavaPolicy(text, { dialect: 'jdk', properties })
    t.match(grants, [{ permissions: [{ class: 'Kept' }] }], text)
    t.equal(grants.length + (grants[0]?.permissions.length ?? 0), 2)
    t.match(diagnostics, [{ severity: 'warning', message, jdk }])
    t.equal(diagnostics.length, 1)
  }
  t.end()
})

t.test('a dropped entry ends all the same, and a property has a name', (t) => {
  const refused = [
    ['jdk', 'grant { permission A "${x}" }'],
    ['jdk', 'grant codeBase "${x}" { permission = };'],
    ['jdk', 'grant { permission A "${}"; };'],
    ['jdk', 'domain d a="${x}" { };'],
    ['opensearch3', 'grant codeBase "${}" { };'],
    ['opensearch3', 'grant { permission A "${{}}"; };'],
  ] as const
  for (const [dialect, text] of refused) {
    t.throws(() => parseJavaPolicy(text, { dialect, properties: {} }), { code: 'JAVA_POLICY_INVALID' }, text)
  }
  t.end()
})

t.test('OpenSearch 3 skips a grant to the end of its braces, whatever stands there', (t) => {
  const skipped = 'grant codeBase "${x}" no clause { = { "{" \'}\' } }; grant { permission Kept; };'
  const { grants, diagnostics } = parseJavaPolicy(skipped, { dialect: 'opensearch3', properties })
  t.match(grants, [{ permissions: [{ class: 'Kept' }] }])
  t.match(diagnostics, [{ message: /'x' in the codeBase/, opensearch3: 'drops the grant' }])
  t.same(parseJavaPolicy('grant codeBase "${x}" {', { dialect: 'opensearch3', properties }).grants, [])
  t.end()
})

t.test('what OpenSearch 3 reads otherwise is told, and a JVM without a home is refused', (t) => {
  const text = 'grant { permission A "${p}/x", "${p}"; permission B "${java.home}/x"; };'
  t.match(parseJavaPolicy(text, { properties }).diagnostics, [
    { severity: 'info', jdk: "reads '/opt/app/x'", opensearch3: "reads '${p}/x'", column: 9 },
    { severity: 'info', jdk: "reads '/opt/app'", opensearch3: "reads '${p}'", column: 9 },
  ])
  t.match(parseJavaPolicy(text, { properties, dialect: 'opensearch3' }).grants, [
    { permissions: [{ target: '${p}/x', actions: '${p}' }, { target: '/jvm/x' }] },
  ])
  t.throws(() => parseJavaPolicy(text, { properties: {}, dialect: 'opensearch3' }), PluginError)
  t.end()
})

t.test('double braces stay, and what the JDK will do with them is told', (t) => {
  const cases = [
    ['${{self}}', 'info', /puts each principal/],
    ['x${{SELF}} ${{x}}', 'info', /puts each principal/],
    ['${{alias:duke}}', 'warning', /subject of that certificate/],
    ['${{other}}', 'warning', /drops the permission/],
  ] as const
  for (const [target, severity, jdk] of cases) {
    const policy = parseJavaPolicy(`grant { permission A "${target}"; };`, { dialect: 'jdk', properties })
    t.match(policy, { grants: [{ permissions: [{ target }] }], diagnostics: [{ severity, jdk }] }, target)
  }
  t.end()
})

t.test('the URLs of a keystore expand too, and an unset property leaves no URL', (t) => {
  const text = 'keystore "${x}", "JKS"; keystorePasswordURL "file:${words}";'
  t.match(parseJavaPolicy(text, { properties }), {
    keystore: {
      url: null,
      type: 'JKS',
      provider: null,
      passwordURL: 'file:/a%20b/%25%c3%a9%ed%a0%bd%ed%b8%80',
    },
    diagnostics: [
      {},
      {},
      { message: "the property 'x' in the URL of this entry is not set", line: 1, column: 1 },
    ],
  })
  t.end()
})
