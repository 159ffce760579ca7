/** What `policy explain` answers about one plugin: yes or no, as data and as lines. Reads nothing but what it is given. */
import { join } from 'node:path'
import type { Capability } from '../../policy/capability.js'
import { errorJson } from '../describe-error.js'
import type { Terminal } from '../terminal.js'
import { originOf } from './origin.js'
import { rulesOf } from './rules-of.js'
import { explanationLines, fixesOf, ruleLines, type Explanation } from './show-explanation.js'
import type { Subject } from './subject.js'
import { questionOf } from './target.js'
import { secondWall, whyOf } from './why.js'

export interface Asked {
  readonly capability: Capability
  /** As the user wrote it; without one every rule of the capability is listed. */
  readonly target: string | undefined
  /** Real path. */
  readonly dataDir: string
  /** The npm package whose code asks. */
  readonly package: string | undefined
}

export interface Answer {
  /** The plugin may, and it loads. */
  readonly yes: boolean
  readonly json: object
  readonly lines: (terminal: Terminal) => readonly string[]
}

/** @throws PluginError `CONFIG_INVALID` for a target that cannot be asked about */
export function answerTo(subject: Subject, { capability, target, dataDir, package: from }: Asked): Answer {
  const { name, dir } = subject.descriptor
  const loads = subject.error === null
  if (target === undefined) {
    const rules = rulesOf(subject, capability)
    return {
      yes: loads && rules.some(({ grants }) => grants),
      json: { plugin: name, capability, ...loading(subject), rules },
      lines: (terminal) => ruleLines(subject, capability, rules, terminal),
    }
  }
  const question = questionOf(capability, target, { home: dir, data: join(dataDir, name) }, from)
  const why = whyOf(subject.grant, subject.unexpired, question)
  const explanation: Explanation = {
    subject,
    question,
    why,
    origins: 'rules' in why ? why.rules.map((rule) => originOf(rule, subject)) : [],
    secondWall: secondWall(subject.grant, question),
  }
  return {
    yes: loads && why.kind === 'allowed',
    json: toJson(explanation),
    lines: (terminal) => explanationLines(explanation, terminal),
  }
}

function loading({ error }: Subject): object {
  return { loads: error === null, error: error === null ? null : errorJson(error) }
}

function toJson(explanation: Explanation): object {
  const { subject, question, why, origins, secondWall } = explanation
  return {
    plugin: subject.descriptor.name,
    capability: question.capability,
    target: question.target,
    allowed: why.kind === 'allowed' && subject.error === null,
    /** What the rules say, whether or not the plugin loads. */
    why: why.kind,
    ...loading(subject),
    rules: origins,
    ...(why.kind === 'expired' ? { expires: why.addition.expires } : {}),
    ...(why.kind === 'always denied' ? { prefix: why.prefix } : {}),
    ...(why.kind === 'other package' ? { packages: why.packages } : {}),
    secondWall,
    fixes: fixesOf(explanation),
  }
}
