/** Parsing a Java policy against JSON.parse on as many bytes that say the same. */
import { compared, median, result, type Result } from './stats.js'

const ROUNDS = 15
const GRANTS = 2_000

/** @param parse - reads the text of a Java policy file */
export function parsing(parse: (text: string) => unknown): readonly Result[] {
  const grants = Array.from({ length: GRANTS }, (_, n) => ({
    codeBase: `file:/usr/share/search/plugins/demo-${n}/-`,
    permissions: [
      { class: 'java.net.SocketPermission', target: `s3-${n}.example.com:443`, actions: 'connect,resolve' },
      { class: 'java.io.FilePermission', target: `/srv/data/tenant-${n}/-`, actions: 'read,write' },
      { class: 'java.lang.RuntimePermission', target: 'accessDeclaredMembers', actions: null },
    ],
  }))
  const java = grants.map(javaText).join('\n')
  const json = JSON.stringify(grants)
  const msPerMb = { java: [] as number[], json: [] as number[] }
  for (let round = 0; round <= ROUNDS; round += 1) {
    const read = { java: timed(() => parse(java)), json: timed(() => JSON.parse(json) as unknown) }
    if (round === 0) continue // compiled before it counts
    msPerMb.java.push((read.java * 1e6) / java.length)
    msPerMb.json.push((read.json * 1e6) / json.length)
  }
  const reference = result('JSON.parse', median(msPerMb.json), 'ms/MB')
  return [reference, compared('Java policy', median(msPerMb.java), 'ms/MB', reference)]
}

function javaText(grant: {
  readonly codeBase: string
  readonly permissions: readonly {
    readonly class: string
    readonly target: string
    readonly actions: string | null
  }[]
}): string {
  const lines = grant.permissions.map(
    ({ class: name, target, actions }) =>
      `  permission ${name} "${target}"${actions === null ? '' : `, "${actions}"`};`,
  )
  return `// what one plugin may do\ngrant codeBase "${grant.codeBase}" {\n${lines.join('\n')}\n};\n`
}

function timed(run: () => unknown): number {
  const begun = performance.now()
  run()
  return performance.now() - begun
}
