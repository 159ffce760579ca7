/** Runs the built command on a pseudo terminal, as somebody who answers its question. Needs `script` of util-linux. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Ended } from './command.js'

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url))

export const NO_TERMINAL: string | false =
  process.platform === 'linux' ? false : "pseudo terminals are made by Linux's script"

/** @param answer - keys to press once the question stands */
export function answering(answer: string, args: readonly string[], cwd: string): Promise<Ended> {
  const quoted = [process.execPath, MAIN, ...args].map((part) => `'${part}'`).join(' ')
  const child = spawn('script', ['-qec', `stty cols 80; ${quoted}`, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let out = ''
  let isAnswered = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (isAnswered || !/Yes[^\n]*No/.test(out)) return
    isAnswered = true
    child.stdin.write(answer)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err: '' }))
  })
}
