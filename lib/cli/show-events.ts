/** What happens to plugins, one line an event, as it happens. Every text in it may be a plugin's. */
import type { PluginsService } from '../service.js'
import { plain, plainLine } from './plain.js'
import type { Terminal } from './terminal.js'

export function showEvents(service: PluginsService, terminal: Terminal): void {
  const { dim, red, yellow, green } = terminal
  const say = (plugin: string, what: string, text: string): void => {
    const time = new Date().toISOString().slice(11, 23)
    const [first = '', ...more] = plain(text).split('\n')
    terminal.line(`${dim(time)}  ${plainLine(plugin)}  ${what}  ${first}`.trimEnd())
    for (const line of more) terminal.line(dim(`    ${line}`))
  }
  const level = { debug: dim, info: green, warn: yellow, error: red }
  service.on('plugin', ({ plugin, from, to, reason }) => {
    const paint = to === 'running' ? green : to === 'quarantined' || to === 'restarting' ? red : dim
    // The whole reason of a plugin that does not start stands in its own block below the table.
    say(plugin, `${from} → ${paint(to)}`, reason === to || reason.startsWith('start') ? '' : reason)
  })
  service.on('log', (event) => say(event.plugin, level[event.level](event.level), event.text))
  service.on('denied', ({ plugin, what, rule }) => say(plugin, yellow('denied'), `${what}: ${rule}`))
  service.on('limit', ({ plugin, limit, action, used, most, count }) =>
    say(
      plugin,
      yellow(`limit ${action}`),
      `${limit}: ${used === null ? '' : `${used} of `}${most}${count > 1 ? `, ${count} times` : ''}`,
    ),
  )
  service.on('auditLog', ({ path, state, lost, message }) => {
    const lines = `${lost} ${lost === 1 ? 'line' : 'lines'} lost so far`
    terminal.note(
      state === 'failing'
        ? red(`audit log ${plainLine(path)} cannot be written: ${plainLine(message)}; ${lines}`)
        : `audit log ${plainLine(path)} is written again; ${lines}`,
    )
  })
  service.on('failure', ({ plugin, kind, message, stack }) =>
    say(plugin, red(plainLine(kind)), stack === '' ? message : `${message}\n${stack}`),
  )
  service.on('lag', ({ plugin, ms }) => say(plugin, yellow('lag'), `its cluster state is ${ms} ms old`))
}
