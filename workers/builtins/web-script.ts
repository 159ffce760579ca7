/** Runs the second script of a plugin's built-ins, that of web/, over the first. */
import type { Module } from './module.js'

/** The script as own-modules.ts evaluates it. */
export type WebScript = (module: Module, exports: Module, require: (name: string) => Module) => void

export function runWeb(script: WebScript, load: (name: string) => Module): Module {
  const module: { exports: { web?: Module } } = { exports: {} }
  script(module, module.exports, (name) => load(name.replace(/^node:/, '')))
  return module.exports.web as Module
}
