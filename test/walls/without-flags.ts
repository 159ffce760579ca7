/** Opens the second wall: child and plugin thread are started without Node's permission flags. */
import type { LaunchPowers, SpawnedProcess } from '../../lib/powers.js'

const FLAG = /"--(?:experimental-)?permission"/

export function withoutFlags(launch: LaunchPowers): LaunchPowers {
  return {
    ...launch,
    spawnThread: (settings, boot) => launch.spawnThread({ ...settings, execArgv: [] }, boot),
    spawnProcess(settings) {
      const child = launch.spawnProcess({ ...settings, execArgv: ['--no-warnings'] })
      return { ...bound(child), supervision: withoutFlag(child) }
    },
  }
}

function bound(child: SpawnedProcess): SpawnedProcess {
  return Object.defineProperty({ ...child }, 'pid', { get: () => child.pid, enumerable: true })
}

/** The thread's flags go to the child in JSON, where spaces may stand: the frame keeps its length. */
function withoutFlag({ supervision }: SpawnedProcess): SpawnedProcess['supervision'] {
  let done = false
  return new Proxy(supervision, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (key !== 'write') return typeof value === 'function' ? value.bind(target) : value
      return (chunk: Uint8Array): boolean => {
        const text = Buffer.from(chunk).toString('latin1')
        const found = done ? null : FLAG.exec(text)
        if (found === null) return target.write(chunk)
        done = true
        return target.write(
          Buffer.from(text.replace(FLAG, '"--no-addons"'.padEnd(found[0].length)), 'latin1'),
        )
      }
    },
  })
}
