/** What a plugin thread says of its operations, checked: all of it is input from outside. */
import { PluginError } from '../errors.js'
import {
  auditText,
  isOperation,
  MOST_AUDIT_CHARS,
  MOST_AUDIT_COUNT,
  MOST_AUDIT_ENTRIES,
  type AuditEntry,
} from '../protocol/audit.js'

/** @throws PluginError `PROTOCOL_VIOLATION` */
export function parseAuditBatch(plugin: string, value: unknown): readonly AuditEntry[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_AUDIT_ENTRIES) {
    const rule = `an audit batch is a list of 1 to ${MOST_AUDIT_ENTRIES} entries`
    throw new PluginError('PROTOCOL_VIOLATION', { plugin, rule })
  }
  return value.map((entry: unknown) => parseEntry(plugin, entry))
}

function parseEntry(plugin: string, value: unknown): AuditEntry {
  const fields: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? { ...value } : {}
  const { operation, resource, allowed, rule, count } = fields
  const fault = (field: string): PluginError =>
    new PluginError('PROTOCOL_VIOLATION', { plugin, rule: `"${field}" of an audit entry` })
  if (typeof operation !== 'string' || !isOperation(operation)) throw fault('operation')
  if (resource !== null && !isBounded(resource)) throw fault('resource')
  if (typeof allowed !== 'boolean') throw fault('allowed')
  if (!isBounded(rule)) throw fault('rule')
  if (!isCount(count)) throw fault('count')
  return {
    operation,
    resource: resource === null ? null : auditText(resource),
    allowed,
    rule: auditText(rule),
    count,
  }
}

function isBounded(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_AUDIT_CHARS
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MOST_AUDIT_COUNT
}
