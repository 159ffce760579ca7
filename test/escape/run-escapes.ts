/**
 * Runs cases as plugins of a real node, in one isolation, or as the control in a bare
 * Node without any wall, and gives for each what it got.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openService, type PluginsService } from '../../lib/service.js'
import type { Isolation } from '../../lib/supervisor/options.js'
import { attackerSource, attackSource } from './attacker.js'
import type { Chapter, EscapeCase } from './escape-case.js'
import { setStage, type Stage } from './stage.js'

export interface Outcome {
  readonly chapter: string
  readonly name: string
  /** What happened that should not have; empty when the case was contained. */
  readonly effects: readonly string[]
  /** The start of what the case said; for people only. */
  readonly answer: string
}

interface Crew {
  readonly plugin: string
  readonly cases: readonly EscapeCase[]
}

/** Cases that leave their plugin as it was share one; the others get one each. */
function crewsOf({ name, cases }: Chapter): readonly Crew[] {
  const alone = cases.filter((one) => one.alone === true)
  const shared = cases.filter((one) => one.alone !== true)
  return [
    ...(shared.length === 0 ? [] : [{ plugin: name, cases: shared }]),
    ...alone.map((one, index) => ({ plugin: `${name}-${index}`, cases: [one] })),
  ]
}

export async function runEscapes(chapter: Chapter, isolation: Isolation): Promise<readonly Outcome[]> {
  const stage = await setStage()
  try {
    const crews = crewsOf(chapter)
    for (const crew of crews) install(stage, chapter, crew)
    const { pluginsDir, dataDir } = stage.node
    const service = await openService(
      {
        pluginsDir,
        dataDir,
        nodeVersion: '3.2.0',
        isolation,
        dnsServers: [`127.0.0.1:${stage.target.dnsPort}`],
        restart: { initialMs: 1, maxMs: 5, maxCrashes: 1000 },
      },
      { approveAll: true },
    )
    try {
      const outcomes: Outcome[] = []
      const said: string[] = []
      service.on('log', (event) => said.push(JSON.stringify(event)))
      service.on('failure', (event) => said.push(JSON.stringify(event)))
      for (const { plugin, cases } of crews) {
        for (const [index, one] of cases.entries()) {
          stage.reset()
          said.length = 0
          const end = one.beside?.(stage)
          const ask = async (path: string): Promise<string> =>
            service
              .rest({
                method: 'POST',
                path: `/${plugin}/${path}`,
                body: { index, target: { ...stage.target } },
              })
              .then(
                ({ body }) => String((body as { text?: unknown } | null)?.text),
                (error: { readonly code?: unknown; readonly message?: unknown }) =>
                  `${String(error.code)} ${String(error.message)}`,
              )
          await running(service, plugin)
          const answer = await ask('try')
          end?.()
          await running(service, plugin)
          const again = await ask('again')
          const effects = await stage.effects([answer, again, ...said].join('\n'))
          if (/^(ROUTE|PLUGIN_NOT_RUNNING|undefined)/.test(answer)) effects.push(`it did not run: ${answer}`)
          outcomes.push({ chapter: chapter.name, name: one.name, effects, answer: answer.slice(0, 300) })
        }
      }
      return outcomes
    } finally {
      await service.stop()
    }
  } finally {
    await stage.close()
  }
}

/** A case may have ended its plugin; the next one waits for it to be back. */
async function running(service: PluginsService, plugin: string): Promise<void> {
  const state = (): unknown => service.list().find(({ name }) => name === plugin)?.state
  while (state() !== 'running') await new Promise((resolve) => setTimeout(resolve, 5))
}

function install(stage: Stage, { grant }: Chapter, { plugin, cases }: Crew): void {
  const { pluginsDir, dataDir } = stage.node
  const dir = join(pluginsDir, plugin)
  mkdirSync(dir)
  const standard = { version: '1.0.0', description: plugin, main: 'index.js', searchNode: '*' }
  writeFileSync(join(dir, 'plugin.json'), JSON.stringify({ name: plugin, ...standard }))
  writeFileSync(join(dir, 'index.js'), attackerSource(plugin, cases))
  const rules = { extensionPoints: ['rest:/**'], ...grant(stage) }
  const limits = { blockedMs: 10_000, callTimeoutMs: 20_000 }
  writeFileSync(join(dir, 'policy.json'), JSON.stringify({ policyVersion: 1, grant: rules, limits }))
  stage.furnish(dir, join(dataDir, plugin))
}

/** The same cases where no wall stands: what they get there shows that they, and this file, can see it. */
export async function runBare(chapter: Chapter): Promise<readonly Outcome[]> {
  const stage = await setStage()
  try {
    const home = join(stage.node.pluginsDir, 'bare')
    const data = join(stage.node.dataDir, 'bare')
    mkdirSync(home)
    stage.furnish(home, data)
    const outcomes: Outcome[] = []
    for (const [index, one] of chapter.cases.entries()) {
      stage.reset()
      const end = one.beside?.(stage)
      const target = { ...stage.target, home: '.', data: '../../data/bare', bare: true }
      const script = `${attackSource(chapter.cases)}
        const { exit } = process
        run(require, ${index}, ${JSON.stringify(target)}).then((text) => process.stdout.write(text, () => exit.call(process)))`
      const answer = await output(script, home)
      end?.()
      const effects = await stage.effects(answer)
      outcomes.push({ chapter: chapter.name, name: one.name, effects, answer: answer.slice(0, 300) })
    }
    return outcomes
  } finally {
    await stage.close()
  }
}

function output(script: string, cwd: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--unhandled-rejections=none', '--no-warnings', '-e', script], {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    child.on('close', () => resolve(text))
  })
}
