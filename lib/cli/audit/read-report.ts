/** What an audited thread answered -> a report. The thread's word is input like any other. */
import { PluginError } from '../../errors.js'
import { FINDING_KINDS, type AuthorityReport, type Finding } from '../../protocol/authority.js'

/** @throws PluginError `REPLY_INVALID` */
export function readReport(plugin: string, reply: unknown): AuthorityReport {
  const fields = isRecord(reply) ? reply : {}
  const { objects, functions, modules, exports, unexercised, failed, complete, findings } = fields
  const { worked, all } = isRecord(exports) ? exports : {}
  if (
    isCount(objects) &&
    isCount(functions) &&
    isCount(worked) &&
    isCount(all) &&
    isTexts(modules) &&
    isTexts(unexercised) &&
    isTexts(failed) &&
    Array.isArray(findings) &&
    findings.every(isFinding)
  )
    return {
      objects,
      functions,
      modules,
      exports: { worked, all },
      unexercised,
      failed,
      complete: complete === true,
      findings,
    }
  throw new PluginError('REPLY_INVALID', { plugin, message: 'its thread gave no report of an audit' })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function isFinding(value: unknown): value is Finding {
  if (!isRecord(value)) return false
  const { kind, path, what } = value
  return (
    typeof kind === 'string' &&
    Object.hasOwn(FINDING_KINDS, kind) &&
    typeof path === 'string' &&
    typeof what === 'string'
  )
}
